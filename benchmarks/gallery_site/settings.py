"""The portal's own settings and middleware; tables are made without the migrations' history."""

from benchmarks.vote_site.settings import *  # noqa: F403
from benchmarks.vote_site.settings import TEMPLATES

INSTALLED_APPS.remove("benchmarks.vote_site")  # noqa: F405
ROOT_URLCONF = "benchmarks.gallery_site.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], "benchmarks/gallery_site/templates"]
