"""Loopback ports of the tests' own servers."""

import socket

START_SECONDS = 120  # a loaded machine takes its time


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
