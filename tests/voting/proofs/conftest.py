"""Gateways for text messages, and a proof of work that costs nothing."""

import re

import pytest
from django.core.cache import cache

from voting.proofs import device


class Gateway:
    """Keeps what it was given."""

    sent: list[tuple[str, str]] = []

    def send(self, number, text):
        self.sent.append((number, text))


class BrokenGateway:
    def send(self, number, text):
        raise ConnectionError(f"nobody answers, for {number}")


@pytest.fixture(autouse=True)
def _fresh(request, settings, monkeypatch):
    Gateway.sent.clear()
    settings.SMS_GATEWAY = f"{__name__}.Gateway"
    monkeypatch.setattr(device, "ITERATIONS", 2)
    monkeypatch.setattr(device, "COUNTERS", range(3, 9))
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture
def texts():
    """The text messages sent: (number, text)."""
    return Gateway.sent


@pytest.fixture
def break_gateway(settings):
    """Let no text message leave any more."""

    def break_it():
        settings.SMS_GATEWAY = f"{__name__}.BrokenGateway"

    return break_it


@pytest.fixture
def code_in():
    """Find the code in a mail or message."""
    return lambda text: re.search(r"\b\d{6}\b", text).group()
