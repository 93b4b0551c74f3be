"""Settings of `make demo` and of a developer's machine: one process, no secrets to set."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import DATA_DIR, STORAGES, env

(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)


def _own_secret_key() -> str:
    """Return this machine's key, made once and kept in DATA_DIR with private permissions."""
    from django.core.management.utils import get_random_secret_key

    path = DATA_DIR / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


SECRET_KEY = env.SECRET_KEY or _own_secret_key()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SMS_GATEWAY = env.SMS_GATEWAY or "voting.proofs.sms.ConsoleGateway"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
