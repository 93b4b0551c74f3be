"""Settings of a public site that a browser on this machine may look at without HTTPS."""

from portal.settings.production import *  # noqa: F403

SECURE_SSL_REDIRECT = False
