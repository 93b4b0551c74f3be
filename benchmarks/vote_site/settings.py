"""The portal's own settings and middleware; tables are made without the migrations' history."""

from portal.settings.development import *  # noqa: F403
from portal.settings.development import INSTALLED_APPS, env


class _NoMigrations:
    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


SECRET_KEY = env.SECRET_KEY
INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.vote_site"]
ROOT_URLCONF = "benchmarks.vote_site.urls"
MIGRATION_MODULES = _NoMigrations()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # of people who only stand by
