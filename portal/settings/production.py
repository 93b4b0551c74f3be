"""Settings of a public site: HTTPS only. Everything else comes from the environment."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings.base import *  # noqa: F403
from portal.settings.base import DATA_DIR, SILENCED_SYSTEM_CHECKS, env

if len(env.SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be set to at least 50 random characters.")
if not env.BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("BASE_URL must be the site's https:// address.")

DATA_DIR.mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.SECRET_KEY
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [env.BASE_URL]
# The domain's other sites are not ours to force onto HTTPS or to list for preloading (W005,
# W021); Wagtail's previews are frames of the same origin (W019).
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W019", "security.W021"]
