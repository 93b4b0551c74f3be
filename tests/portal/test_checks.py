"""`check --deploy` refuses a site that is set up by half, and says what to do."""

import pytest
from django.core.checks import Warning, registry

from portal.checks import check_production
from portal.settings import env

SAFE = {
    "DEBUG": False,
    "SECRET_KEY": "aA1-bB2-cC3-dD4-eE5-fF6-gG7-hH8-iI9-jJ0-kK1-lL2-mM3",
    "ALLOWED_HOSTS": ["photo.example.org"],
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "photo@example.org",
    "TRUSTED_PROXIES": 1,
    "CACHES": {"default": {"BACKEND": "portal.cache.AtomicDatabaseCache", "LOCATION": "c"}},
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
}
NO_ENGINES = {
    "DATABASE_URL": "",
    "CACHE_URL": "",
    "TASKS": "database",
    "BROKER_URL": "",
    "S3_ENDPOINT_URL": "",
    "S3_ACCESS_KEY": "",
    "S3_SECRET_KEY": "",
    "S3_ORIGINALS_BUCKET": "",
    "S3_DERIVATIVES_BUCKET": "",
    "S3_PUBLIC_URL": "",
}
BUCKETS = {
    "S3_ORIGINALS_BUCKET": "originals",
    "S3_DERIVATIVES_BUCKET": "derivatives",
    "S3_ACCESS_KEY": "key",
    "S3_SECRET_KEY": "secret",
}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


@pytest.fixture
def found(monkeypatch):
    """Return a function: settings and variables that differ from a safe site -> what is said."""

    def find(settings_=None, **variables):
        class Settings:
            pass

        for name, value in {**SAFE, **(settings_ or {})}.items():
            setattr(Settings, name, value)
        monkeypatch.setattr("portal.checks.settings", Settings)
        for name, value in {**NO_ENGINES, **variables}.items():
            monkeypatch.setattr(env, name, value)
        return check_production()

    return find


def ids(messages):
    return [one.id for one in messages]


def test_a_safe_site_on_one_machine_passes(found):
    assert found({"DATABASES": SQLITE}) == []


def test_a_safe_site_on_many_machines_passes(found):
    assert found(TASKS="celery", CACHE_URL="redis://cache/0", **BUCKETS) == []


def test_it_is_asked_before_a_deployment_only():
    assert check_production in registry.registry.deployment_checks
    assert check_production not in registry.registry.registered_checks


@pytest.mark.parametrize(
    ("settings_", "said"),
    [
        ({"DEBUG": True}, "portal.E001"),
        ({"SECRET_KEY": "only-for-tests-0123456789-0123456789-abcdefghijklm"}, "portal.E002"),
        ({"SECRET_KEY": "k" * 60}, "portal.E002"),
        ({"SECRET_KEY": "123456789" * 7}, "portal.E002"),
        ({"ALLOWED_HOSTS": []}, "portal.E003"),
        ({"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]}, "portal.E003"),
        ({"ALLOWED_HOSTS": ["photo.example.org", "*"]}, "portal.E003"),
        ({"SESSION_COOKIE_SECURE": False}, "portal.E004"),
        ({"CSRF_COOKIE_SECURE": False}, "portal.E004"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "portal.E006"),
        ({"DEFAULT_FROM_EMAIL": "noreply@localhost"}, "portal.E007"),
        ({"DEFAULT_FROM_EMAIL": "Photo <noreply@localhost>"}, "portal.E007"),
        ({"TRUSTED_PROXIES": 0}, "portal.W002"),
    ],
)
def test_one_unsafe_setting_is_named(found, settings_, said):
    assert ids(found(settings_)) == [said]


@pytest.mark.parametrize("kind", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_of_each_process_is_refused(found, kind):
    caches = {"default": {"BACKEND": f"django.core.cache.backends.{kind}"}}
    assert ids(found({"CACHES": caches})) == ["portal.E005"]


def test_a_password_of_the_example_is_refused(found):
    (error,) = found(CACHE_URL="redis://:change-me@cache/0", DATABASE_URL="postgres://a:b@c/d")
    assert (error.id, error.msg) == (
        "portal.E009",
        "Still as in the example, for anybody to read: CACHE_URL.",
    )


def test_a_sender_with_a_name_passes(found):
    assert found({"DEFAULT_FROM_EMAIL": "Photo <photo@example.org>"}) == []


@pytest.mark.parametrize("missing", BUCKETS)
def test_buckets_set_by_half_name_what_is_missing(found, missing):
    (error,) = found(**{**BUCKETS, missing: ""})
    assert error.msg == f"The object storage is set by half: {missing} missing."


@pytest.mark.parametrize("lonely", ["S3_ENDPOINT_URL", "S3_PUBLIC_URL"])
def test_an_address_without_buckets_is_set_by_half(found, lonely):
    (error,) = found(**{lonely: "https://s3.example.org"})
    assert error.msg == f"The object storage is set by half: {', '.join(BUCKETS)} missing."


@pytest.mark.parametrize(
    "variables", [{"TASKS": "celery", "BROKER_URL": "redis://host/1"}, BUCKETS]
)
def test_sqlite_on_several_hosts_is_warned_of(found, variables):
    (warning,) = found({"DATABASES": SQLITE}, **variables)
    assert (warning.id, type(warning)) == ("portal.W001", Warning)


def test_every_message_says_what_to_do(found):
    messages = found({"DEBUG": True, "DEFAULT_FROM_EMAIL": "", "TRUSTED_PROXIES": 0})
    assert ids(messages) == ["portal.E001", "portal.E007", "portal.W002"]
    assert all(one.hint for one in messages)
