"""What opens a door by being known, and whose mail it is, stays out of logs and error reports."""

import re

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from portal.monitoring.redaction import HIDDEN, all_without_secrets, without_secrets

# What a parameter of an address is called when whoever knows it may do something.
SECRETS = {"token", "receipt", "key"}
SAMPLE = "S3cret-0123456789"


def secret_routes(resolver=None, space=""):
    """Yield (name, parameters) of each route of the project that has a secret in its path."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from secret_routes(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and SECRETS & set(_parameters(one.pattern)):
            yield f"{space}{one.name}", _parameters(one.pattern)


def _parameters(pattern):
    if hasattr(pattern, "converters") and pattern.converters:
        return list(pattern.converters)
    return list(getattr(pattern.regex, "groupindex", ()))


def test_no_secret_of_any_route_is_told():
    found = dict(secret_routes())
    assert {"media-original", "package-file", "invitation", "objection-sent"} <= set(found)
    assert "account_reset_password_from_key" in found
    for name, parameters in found.items():
        values = {one: SAMPLE if one in SECRETS else "abc1" for one in parameters}
        told = without_secrets(f"Not Found: {reverse(name, kwargs=values)}")
        assert SAMPLE not in told, name
        assert HIDDEN in told, name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mail to li.si+x@mail.example.cn failed", "mail to … failed"),
        ("<李四@example.org>", "<…>"),
        ("postgres://user:p4ss@host/name", "postgres://…host/name"),
        ("redis://:p4ss@host:6379/0", "redis://…host:6379/0"),
        ("GET /x?a=1&token=abc&b=2", "GET /x?a=1&token=…&b=2"),
        ("https://s3/x?X-Amz-Signature=abc", "https://s3/x?X-Amz-Signature=…"),
        ("/originals/abc:def/ghi?x", "/originals/…?x"),
        ('"/en/organisations/invitations/abc/"', '"/en/organisations/invitations/…"'),
        ("/notice/2026/objections/new/", "/notice/2026/objections/new/"),
        ("/vote/2026/P0001/ 李四 @ noon", "/vote/2026/P0001/ 李四 @ noon"),
        ("asset 4f0c at 10:20", "asset 4f0c at 10:20"),
    ],
)
def test_what_is_told_of_a_text(text, told):
    assert without_secrets(text) == told


def test_it_ends_soon_on_a_long_text():
    for piece in ("a.", "://", ":", "?token", "/notice/", "a@"):
        text = "://" + piece * 50_000
        assert without_secrets(text) == text


def test_all_texts_in_a_structure():
    given = {"a": ["x@y.cn", 1, None], "b": {"c": ("/originals/t",)}}
    assert all_without_secrets(given) == {"a": ["…", 1, None], "b": {"c": ["/originals/…"]}}


def test_secrets_are_found_by_their_parameters():
    """The control: the walk sees a parameter of either kind of pattern."""
    kinds = {bool(re.search("account_", name)) for name, _parameters in secret_routes()}
    assert kinds == {True, False}
