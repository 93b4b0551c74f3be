"""A module for nurseries to run: it does what it is told, as no decoder should."""

import sys


def main() -> None:
    exec(sys.stdin.read(), {"__name__": "__main__"})
