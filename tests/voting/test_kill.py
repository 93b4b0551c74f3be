"""Killed under load: what was acknowledged is there, and the tally is a recount."""

import http.client
import json
import os
import signal
import subprocess
import threading
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
import pytest

from portal.management.supervisor import web_command
from tests.media_processing.processes import ROOT, children_of, wait_for
from tests.servers import free_port, postgresql_server, redis
from voting.ledger.receipts import parse_receipt

pytestmark = pytest.mark.race

SETTINGS = "benchmarks.vote_site.settings"
VOTERS, ENOUGH = 8, 60
PATIENCE = 240  # seconds; only a broken site on a very slow machine uses them up
PREPARE = """
import json
from benchmarks.voting import json_in_cookie, make_works
make_works()
from tests.factories import proved_badge
print(json.dumps([json_in_cookie(proved_badge(token=f"{n:032}")) for n in range(5_000)]))
"""


class Site:
    """The web server, PostgreSQL as in production, and Redis, each a process that may die."""

    def __init__(self, folder, database, cache):
        self.database, self.url = database, f"http://localhost:{free_port()}"
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database.url,
            "CACHE_URL": cache.url,
            "BASE_URL": self.url,
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "TRUSTED_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        program = [*web_command(self.url)[:1], "-c", PREPARE]
        done = subprocess.run(
            program, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
        self.badges = enumerate(json.loads(done.stdout.splitlines()[-1]))
        self.acknowledged, self.failed = [], 0
        self.is_over = threading.Event()
        self.guard = threading.Lock()

    def start(self):
        self.web = subprocess.Popen(web_command(self.url), env=self.environment, cwd=ROOT)
        wait_for(lambda: self.get("/robots.txt"), seconds=PATIENCE)

    def kill(self):
        """End the web server and its workers at once."""
        for pid in (*children_of(self.web.pid), self.web.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.web.wait()

    def get(self, path):
        try:
            with closing(self.line()) as line:
                line.request("GET", path)
                return line.getresponse().status
        except OSError:
            return 0

    def line(self):
        return http.client.HTTPConnection("127.0.0.1", urlsplit(self.url).port, timeout=PATIENCE)

    def next_badge(self):
        with self.guard:
            return next(self.badges)

    def vote(self):
        """Vote until it is over, each time as another voter; note what is acknowledged."""
        while not self.is_over.is_set():
            number, badge = self.next_badge()
            token = f"{number:032}"
            headers = {
                "Accept": "application/json",
                "Cookie": f"csrftoken={token}; voter={badge}",
                "X-CSRFToken": token,
                "X-Forwarded-For": f"10.0.{number >> 8}.{number & 255}",
            }
            try:
                with closing(self.line()) as line:
                    line.request("POST", f"/vote/bench/P-{number % 3:06}/", headers=headers)
                    answer = line.getresponse()
                    body = answer.read()
            except (OSError, http.client.HTTPException):
                self.failed += 1
                time.sleep(0.05)
                continue
            if answer.status == 200:
                self.acknowledged.append(parse_receipt(json.loads(body)["receipt"]))
            else:
                self.failed += 1
                time.sleep(0.05)

    @contextmanager
    def under_load(self):
        threads = [threading.Thread(target=self.vote) for _ in range(VOTERS)]
        for thread in threads:
            thread.start()
        try:
            wait_for(lambda: len(self.acknowledged) > ENOUGH, seconds=PATIENCE)
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()

    def recount(self):
        """Return the ballots that are there, and how many each work has."""
        with psycopg.connect(self.database.url) as line:
            kept = set(line.execute("SELECT id, secret FROM voting_ballot").fetchall())
            counts = "SELECT entry_id, count(*) FROM voting_ballot WHERE status = 0 GROUP BY 1"
            return kept, dict(line.execute(counts).fetchall())

    def tally(self):
        """Return the same as the site itself counts."""
        program = (
            "import django, json; django.setup(); from voting.models import Poll; "
            "from voting.queries import tally; print(json.dumps(tally(Poll.objects.get())))"
        )
        done = subprocess.run(
            [*web_command(self.url)[:1], "-c", program],
            env=self.environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        return {int(entry): votes for entry, votes in json.loads(done.stdout).items()}


@pytest.fixture
def site(tmp_path):
    with postgresql_server(durable=True) as database, redis() as cache:
        site = Site(tmp_path, database, cache)
        site.start()
        yield site
        site.is_over.set()
        site.kill()


def go_on(site):
    """The load goes on as before: as many votes again are acknowledged."""
    before = len(site.acknowledged)
    wait_for(lambda: len(site.acknowledged) > before + ENOUGH, seconds=PATIENCE)


def everything_acknowledged_is_there(site):
    kept, counts = site.recount()
    assert len(site.acknowledged) > 2 * ENOUGH
    assert len(set(site.acknowledged)) == len(site.acknowledged)
    assert set(site.acknowledged) <= kept
    assert site.tally() == counts
    assert sum(counts.values()) == len(kept)


def test_the_database_is_killed_under_load(site):
    with site.under_load():
        site.database.kill()
        time.sleep(0.3)
        site.database.start()
        go_on(site)
    assert site.failed
    everything_acknowledged_is_there(site)


def test_the_web_server_is_killed_under_load(site):
    with site.under_load():
        site.kill()
        site.start()
        go_on(site)
    assert site.failed
    everything_acknowledged_is_there(site)
