"""What a vote costs, against an empty POST, the textbook's vote and a bare INSERT.

    python -m benchmarks.voting [--quick]

PostgreSQL writes each commit to the disk, Redis counts, the server is the one of `manage.py
serve`. All ways run in turns, in short rounds; what counts is their ratio. Beside the rates stands
the servers' CPU time a request, which says where the time goes, on a loaded machine too. At the end
the ballots are counted again. The last line is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, repeat
from random import Random
from statistics import median

from benchmarks import load
from benchmarks.cpu import used_by
from portal.management.supervisor import web_command
from tests.servers import free_port, postgresql_server, redis

CLIENTS = 32
WORKS = 48
HOT = 0.9  # the share of votes that goes to one work
ROUNDS, SECONDS = 7, 4.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.2
RAW_THREADS = 16
AT_ONCE, TIMES = 200, 8  # votes that are sent many times at the same moment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="portal-votes-") as folder,
        postgresql_server(durable=True) as database,
        redis() as cache,
    ):
        url = f"http://localhost:{free_port()}"
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": database.url,
            "CACHE_URL": cache.url,
            "BASE_URL": url,
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "TRUSTED_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "benchmarks.vote_site.settings",
        }
        works = make_works()
        server = subprocess.Popen(web_command(url))
        try:
            wait_for(url)
            pids = {"web": server.pid, "PostgreSQL": database.server.pid, "Redis": cache.server.pid}
            report(*measure(Bench(url, works, seconds), pids, rounds))
        finally:
            server.terminate()
            server.wait(timeout=20)


def make_works() -> list[tuple[int, str]]:
    """Make an open poll over works of one edition; return their ids and numbers."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from benchmarks.vote_site.models import Total
    from tests.factories import (
        EditionFactory,
        EntryFactory,
        PollFactory,
        SectionFactory,
        open_phase,
    )

    edition = EditionFactory(slug="bench")
    open_phase(edition, "voting")
    section = SectionFactory(edition=edition)
    PollFactory(edition=edition).sections.add(section)
    works = [
        EntryFactory(section=section, state="admitted", number=f"P-{n:06}", frames=False)
        for n in range(WORKS)
    ]
    Total.objects.bulk_create(Total(entry=work) for work in works)
    return [(work.pk, work.number) for work in works]


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/robots.txt", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server did not start.")


class Voters:
    """An endless line of voters, each with a badge, a token and an address of its own."""

    def __init__(self, url: str, works: list[tuple[int, str]]) -> None:
        self.host = url.removeprefix("http://")
        self.numbers = [number for _pk, number in works]
        self.chance = Random(1)
        self.number = count()

    def requests(self, room: str, hot: float, amount: int) -> list[bytes]:
        """Return so many POSTs to /`room`/..., a share `hot` of them for the first work."""
        return [self._request(room, hot) for _ in range(amount)]

    def _request(self, room: str, hot: float) -> bytes:
        from tests.factories import proved_badge

        n = next(self.number)
        is_hot = self.chance.random() < hot
        work = self.numbers[0] if is_hot else self.chance.choice(self.numbers[1:])
        token = f"{n:032}"
        return load.post(
            f"/{room}/bench/{work}/",
            host=self.host,
            cookie=f"csrftoken={token}; voter={json_in_cookie(proved_badge(token=token))}",
            body=f"csrfmiddlewaretoken={token}&next=%2Fgallery%2F",
            address=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
        )


def json_in_cookie(value: str) -> str:
    """Return the value as Django's Set-Cookie writes it: quoted, with octal escapes."""
    from http.cookies import SimpleCookie

    cookie: SimpleCookie = SimpleCookie({"v": value})
    return cookie["v"].coded_value


@dataclass(frozen=True)
class Done:
    """What came of a round: how many answers or rows, and how many a second."""

    number: int
    rate: float


@dataclass(frozen=True)
class Measured:
    """Answers or rows a second, and each server's CPU microseconds for one of them."""

    rate: float
    cpu: Mapping[str, float]


class Bench:
    """The ways side by side, and every answer to our own votes."""

    def __init__(self, url: str, works: list[tuple[int, str]], seconds: float) -> None:
        self.url, self.works, self.seconds = url, works, seconds
        self.voters = Voters(url, works)
        self.accepted: list[bytes] = []
        self.raw_number = count()

    def ways(self) -> dict[str, Callable[[], Done]]:
        return {
            "empty POST": lambda: self.over_http("empty", HOT),
            "our vote, 90% for one work": lambda: self.over_http("vote", HOT),
            "our vote, spread": lambda: self.over_http("vote", 1 / WORKS),
            "textbook vote": lambda: self.over_http("textbook", HOT),
            "bare INSERT": self.raw_insert,
        }

    def warm(self) -> None:
        """Let code be loaded and statements be prepared."""
        for room in ("empty", "vote", "textbook"):
            requests = self.voters.requests(room, HOT, 300)
            done = load.run(self.url, iter(requests), clients=CLIENTS, seconds=60)
            if room == "vote":
                self.accepted += done.answers

    def over_http(self, room: str, hot: float) -> Done:
        most = int(self.seconds * 5000)  # more than any way takes
        if room != "empty":
            most //= 2
        requests = self.voters.requests(room, hot, most)
        done = load.run(self.url, iter(requests), clients=CLIENTS, seconds=self.seconds)
        if done.others:
            raise RuntimeError(f"{room}: {done.others}")
        if room == "vote":
            self.accepted += done.answers
        return Done(len(done.answers), done.rate)

    def raw_insert(self) -> Done:
        """Write rows with one prepared INSERT and one commit each, in threads."""
        import psycopg

        until = time.perf_counter() + self.seconds
        done = [0] * RAW_THREADS
        statement = (
            "INSERT INTO vote_site_vote (entry_id, voter, day) VALUES (%s, %s, current_date) "
            "ON CONFLICT DO NOTHING"
        )

        def insert(thread: int) -> None:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as line:
                while time.perf_counter() < until:
                    voter = f"raw{next(self.raw_number)}"
                    line.execute(statement, [self.works[0][0], voter], prepare=True)
                    done[thread] += 1

        threads = [threading.Thread(target=insert, args=[n]) for n in range(RAW_THREADS)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Done(sum(done), sum(done) / (time.perf_counter() - begun))

    def at_once(self) -> None:
        """Send each of some votes many times at the same moment."""
        requests = self.voters.requests("vote", HOT, AT_ONCE)
        many: Iterator[bytes] = (one for each in requests for one in repeat(each, TIMES))
        done = load.run(self.url, many, clients=CLIENTS, seconds=60)
        refused = sum(number for status, number in done.others.items() if b" 409 " in status)
        if refused != AT_ONCE * (TIMES - 1) or len(done.answers) != AT_ONCE:
            raise RuntimeError(f"{len(done.answers)} accepted, others {done.others}")
        self.accepted += done.answers


def measure(
    bench: Bench, pids: Mapping[str, int], rounds: int
) -> tuple[dict[str, Measured], dict[str, int]]:
    """Return the medians of each way's rounds, and what the recount says."""
    ways = bench.ways()
    bench.warm()
    found: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            done, used = used_by(pids, way)
            cpu = {server: 1e6 * spent / done.number for server, spent in used.items()}
            found[name].append(Measured(done.rate, cpu))
            print(line(name, found[name][-1]), file=sys.stderr, flush=True)
    bench.at_once()
    return {name: middle(each) for name, each in found.items()}, recount(bench.accepted)


def middle(rounds: list[Measured]) -> Measured:
    cpu = {server: median(one.cpu[server] for one in rounds) for server in rounds[0].cpu}
    return Measured(median(one.rate for one in rounds), cpu)


def line(name: str, measured: Measured) -> str:
    cpu = "".join(f" {server} {spent:6.0f}" for server, spent in measured.cpu.items())
    return f"{name:30} {measured.rate:8.0f} a second, CPU µs each:{cpu}"


def recount(accepted: list[bytes]) -> dict[str, int]:
    """Compare what was acknowledged with what is there."""
    from django.db.models import Count

    from voting.ledger.receipts import parse_receipt
    from voting.models import Ballot, Evidence

    acknowledged = {parse_receipt(json.loads(answer)["receipt"]) for answer in accepted}
    kept = set(Ballot.objects.values_list("pk", "secret"))
    double = Ballot.objects.values("voter", "entry", "day").annotate(n=Count("pk")).filter(n__gt=1)
    if Evidence.objects.count() != len(kept):
        raise RuntimeError("Ballots and their evidence differ in number.")
    return {
        "ballots": len(kept),
        "lost": len(acknowledged - kept),
        "double": double.count() + len(accepted) - len(acknowledged),
    }


def report(found: Mapping[str, Measured], counts: Mapping[str, int]) -> None:
    for name, measured in found.items():
        print(line(name, measured))
    rate = {name: measured.rate for name, measured in found.items()}
    cpu = {name: sum(measured.cpu.values()) for name, measured in found.items()}
    hot, spread = "our vote, 90% for one work", "our vote, spread"
    result = {
        "vote_vs_empty_post": round(rate[hot] / rate["empty POST"], 3),
        "vote_vs_empty_post_cpu": round(cpu["empty POST"] / cpu[hot], 3),
        "vote_vs_textbook": round(rate[hot] / rate["textbook vote"], 2),
        "vote_vs_raw_insert": round(rate[hot] / rate["bare INSERT"], 3),
        "hot_vs_spread": round(rate[hot] / rate[spread], 3),
    }
    print(json.dumps(result | counts))


if __name__ == "__main__":
    main()
