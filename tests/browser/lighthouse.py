"""What Lighthouse says of the demo's results page on a phone: `make lighthouse`.

Serves the database that the demo left in DATA_DIR as a public site is served, but for HTTPS.
Lighthouse itself weighs 176 MB, so npx fetches it when it is asked for.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.utils.crypto import get_random_string

from tests.browser.chromium import find_chromium
from tests.browser.served import Server

LIGHTHOUSE = "lighthouse@13.5.0"
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
LEAST = 95


def results_address() -> str:
    """Return the path of the results page of the demo's finished edition."""
    from competition.awards.models import AwardList

    return f"/results-{AwardList.objects.get(state='published').edition.slug}/"


def as_public_site(server: Server) -> None:
    """Let the server run with the settings of a public site, its static files compressed."""
    server.env |= {
        "DJANGO_SETTINGS_MODULE": "tests.browser.public_site",
        "SECRET_KEY": get_random_string(60),
        "BASE_URL": server.url.replace("http://", "https://"),
        "ALLOWED_HOSTS": "localhost",
        "EMAIL_URL": "dummymail://",
    }
    server.manage("collectstatic", "--noinput")


def measure(address: str) -> dict[str, object]:
    """Return Lighthouse's report of the page, as a phone on a slow line sees it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet"]
        flags = "--chrome-flags=--no-sandbox --headless=new"
        output = ["--output=json", f"--output-path={report}"]
        only = f"--only-categories={','.join(CATEGORIES)}"
        env = os.environ | {"CHROME_PATH": find_chromium()}
        subprocess.run([*command, flags, only, *output], env=env, check=True)
        found: dict[str, object] = json.loads(report.read_text())
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.development")
    django.setup()
    address, server = results_address(), Server(settings.DATA_DIR)
    as_public_site(server)
    with server:
        report = measure(server.url + address)
    scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    for name, score in scores.items():
        print(f"{name:16} {score}")
    for audit in report["audits"].values():
        if audit["score"] is not None and audit["score"] < 0.9:
            print(f"  {audit['id']}: {audit['title']} {audit.get('displayValue', '')}")
    return int(min(scores.values()) < LEAST)


if __name__ == "__main__":
    sys.exit(main())
