"""200 files of 20 organisations at once, a tenth of them hostile: does everybody get through?

    python -m benchmarks.uploads [--quick]

A real web server and a real worker on SQLite in a folder of their own. Each organisation is one
thread that uploads its files one after another, while visitors look at pages. The last line is
one JSON object:

    web_p95_ms       95th percentile of all requests, uploads and pages
    worker_peak_mb   most resident memory of the worker with its children
    ready, refused   how many files ended so
    honest_ready     share of the honest files that ended ready: 1.0, or something is wrong
    fairness         the organisations' mean places in the order of finishing, largest / smallest;
                     1 is perfect, first come first served by whole organisations is 2 n - 1
"""

import argparse
import base64
import io
import json
import os
import random
import statistics
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from benchmarks.scenes import make_film, make_photo
from tests.browser.served import Server
from tests.media_processing.processes import children_of, worker

MEGABITS = 2

POLL_SECONDS = 0.2
PAGE_PAUSE_SECONDS = 0.25
VISITORS = 2


@dataclass(frozen=True)
class Size:
    """How much is uploaded. Pixels, seconds."""

    organisations: int
    photos: int  # of each organisation; besides them one video and one hostile file
    photo: tuple[int, int]
    clip: str
    clip_seconds: int


FULL = Size(20, 8, (4000, 3000), "1280x720", 5)
QUICK = Size(6, 3, (2000, 1500), "640x360", 2)


@dataclass(frozen=True)
class Upload:
    """One file, and the work whose frame it becomes."""

    entry: int
    name: str
    content: bytes


@dataclass(frozen=True)
class Person:
    """A signed-in entrant, with everything they will upload."""

    session: str
    uploads: list[Upload]


# --- The files ------------------------------------------------------------------------------


def make_hostile(photo: bytes) -> list[tuple[str, bytes]]:
    """Return (name, content): floods, bombs, files cut short and files that lie."""
    from PIL import Image

    flood = io.BytesIO()
    Image.new("L", (12000, 12000)).save(flood, "PNG")
    page = b"<html><script>alert(1)</script></html>"
    return [
        ("flood.png", flood.getvalue()),
        ("cut.jpg", photo[: len(photo) // 3]),
        ("page.jpg", page * 50),
        ("program.jpg", b"\x7fELF" + bytes(5000)),
        ("archive.jpg", b"PK\x03\x04" + random.Random(0).randbytes(5000)),
    ]


def marked(jpeg: bytes, number: int) -> bytes:
    """Return the same picture as a file of its own: with a comment behind the first marker."""
    words = f"{number:08d}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + jpeg[2:]


# --- The site -------------------------------------------------------------------------------


def bring_people(size: Size, folder: Path) -> list[Person]:
    """Make the edition, the organisations with their works, and sessions for their people."""
    from tests.factories import (
        AssociationFactory,
        EditionFactory,
        MembershipFactory,
        SectionFactory,
        open_phase,
    )

    edition, association = EditionFactory(), AssociationFactory()
    open_phase(edition, "call")
    sections = {
        kind: SectionFactory(edition=edition, kind=kind) for kind in ("single_photo", "micro_video")
    }
    photo = make_photo(folder / "photo.jpg", size.photo).read_bytes()
    clip = make_film(folder / "clip.mp4", size.clip_seconds, MEGABITS, size.clip).read_bytes()
    hostile = make_hostile(photo)
    people = []
    for number in range(size.organisations):
        member = MembershipFactory(organisation__association=association)
        files = [(f"photo-{n}.jpg", marked(photo, number * 1000 + n)) for n in range(size.photos)]
        # An atom that players skip makes each clip a file of its own.
        films = [("clip.mp4", clip + b"\x00\x00\x00\x10free" + f"{number:08d}".encode())]
        bad = [hostile[number % len(hostile)]]
        named = [("single_photo", *one) for one in files + bad]
        named += [("micro_video", *one) for one in films]
        random.Random(number).shuffle(named)
        people.append(_person(member, sections, named))
    return people


def _person(member: Any, sections: dict[str, Any], named: list[Any]) -> Person:
    from django.test import Client

    from tests.factories import EntryFactory

    client = Client()
    client.force_login(member.user)
    uploads = [
        Upload(
            EntryFactory(
                edition=sections[kind].edition,
                section=sections[kind],
                organisation=member.organisation,
                created_by=member.user,
                frames=False,
            ).pk,
            name,
            content,
        )
        for kind, name, content in named
    ]
    return Person(client.cookies["sessionid"].value, uploads)


# --- The crowd ------------------------------------------------------------------------------


class Crowd:
    """Talks to the server and keeps how long each answer took, in seconds."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.seconds: list[float] = []
        self.over = threading.Event()

    def ask(
        self, path: str, body: bytes | None = None, method: str | None = None, **headers: str
    ) -> Message:
        """Return the headers of the answer."""
        begun = time.monotonic()
        url = urllib.parse.urljoin(self.base_url, path)
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()
        self.seconds.append(time.monotonic() - begun)
        return answer.headers

    def upload(self, person: Person, upload: Upload) -> None:
        """Send one file as the page does: announce it by tus, then its bytes."""
        token = "b" * 32
        known = {
            "Tus-Resumable": "1.0.0",
            "Cookie": f"sessionid={person.session}; csrftoken={token}",
            "X-CSRFToken": token,
        }
        name = base64.b64encode(upload.name.encode()).decode()
        announced = {
            "Upload-Length": str(len(upload.content)),
            "Upload-Metadata": f"filename {name}",
        }
        place = self.ask(f"/my/works/{upload.entry}/uploads/", b"", **known, **announced)
        stream = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self.ask(place["Location"], upload.content, "PATCH", **known, **stream)

    def upload_all(self, person: Person) -> None:
        for upload in person.uploads:
            self.upload(person, upload)

    def visit(self, person: Person) -> None:
        """Look at pages, as people do who wait, until it is over."""
        pages = ["/my/", *(f"/my/works/{one.entry}/status/" for one in person.uploads)]
        for number in range(10**9):
            if self.over.wait(PAGE_PAUSE_SECONDS):
                return
            self.ask(pages[number % len(pages)], Cookie=f"sessionid={person.session}")


# --- The measures ---------------------------------------------------------------------------


def resident_mb(pid: int) -> float:
    """Return the resident memory of the process and all its descendants, in MB."""
    pages = 0
    for one in [pid, *children_of(pid)]:
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:  # it has just ended
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def fairness() -> float:
    """Return the largest mean place of an organisation's photos by the smallest."""
    from media_processing.models import MediaAsset

    photos = MediaAsset.objects.filter(kind="photo", state="ready").order_by("finished_at")
    places = defaultdict(list)
    for place, owner in enumerate(photos.values_list("on_behalf_of", flat=True), start=1):
        places[owner].append(place)
    means = [statistics.fmean(one) for one in places.values()]
    return max(means) / min(means)


def watch(worker: int, uploading: list[threading.Thread]) -> float:
    """Wait until all is uploaded and has ended; return the worker's peak memory in MB."""
    from media_processing.models import MediaAsset
    from media_processing.states import FINAL_STATES

    peak = 0.0
    on_its_way = MediaAsset.objects.exclude(state__in=FINAL_STATES)
    while any(one.is_alive() for one in uploading) or on_its_way.exists():
        for _ in range(5):
            peak = max(peak, resident_mb(worker))
            time.sleep(POLL_SECONDS)
    return peak


def in_threads(work: Callable[[Person], None], people: list[Person]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=[one], daemon=True) for one in people]
    for thread in threads:
        thread.start()
    return threads


def measure(size: Size, folder: Path, server: Server) -> dict[str, float]:
    """Let the crowd in and return the figures of the last line."""
    from media_processing.models import MediaAsset

    people, crowd = bring_people(size, folder), Crowd(server.url)
    files = sum(len(one.uploads) for one in people)
    print(f"{files} files of {size.organisations} organisations", flush=True)
    with server, worker(os.environ) as process:
        begun = time.monotonic()
        in_threads(crowd.visit, people[:VISITORS])
        uploading = in_threads(crowd.upload_all, people)
        peak = watch(process.pid, uploading)
        crowd.over.set()
    print(f"all had ended after {time.monotonic() - begun:.0f} s, {len(crowd.seconds)} requests")
    ended = MediaAsset.objects.values_list("state", flat=True)
    ready, honest = list(ended).count("ready"), size.organisations * (size.photos + 1)
    return {
        "web_p95_ms": round(statistics.quantiles(crowd.seconds, n=20)[-1] * 1000),
        "worker_peak_mb": round(peak),
        "ready": ready,
        "refused": list(ended).count("refused"),
        "honest_ready": round(ready / honest, 3),
        "fairness": round(fairness(), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="30 smaller files, within a minute")
    size = QUICK if parser.parse_args().quick else FULL
    with tempfile.TemporaryDirectory(prefix="portal-uploads-") as folder:
        server = Server(Path(folder))
        os.environ |= server.env
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        print(json.dumps(measure(size, Path(folder), server)))


if __name__ == "__main__":
    main()
