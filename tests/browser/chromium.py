"""Where Chromium is, and how it is started here."""

import shutil

NAMES = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def find_chromium() -> str:
    """Return the path of an installed Chromium. Raises RuntimeError, saying what to do."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise RuntimeError("No Chromium was found: run `deploy/setup.sh test`, or install one.")
