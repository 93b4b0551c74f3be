"""Enters works for companies, and has their files processed by real workers."""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.db.models import Model, QuerySet
from django.utils import timezone
from tqdm import tqdm

from competition.editions.models import Edition
from competition.entries.frames import add_frame
from competition.entries.models import Entry
from competition.entries.services import create_entry
from portal.demo.cast import Company
from portal.demo.media import Piece

POLL_SECONDS = 0.3
SERIES_TITLE = "山的四种表情"
SERIES_STORY = "同一条巡线路，四个季节。我们走得慢，山变得快。"


class WorkerFailed(Exception):
    """A worker ended with an error; the message says where its words are."""


def enter(
    edition: Edition, company: Company, kind: str, pieces: Sequence[Piece], chance: random.Random
) -> Entry:
    """Begin a work with these pictures as its frames, as its entrant does in the browser."""
    first, is_series = pieces[0], len(pieces) > 1
    entry = create_entry(
        section=edition.sections.get(kind=kind),
        organisation=company.organisation,
        user=company.entrant,
        title=SERIES_TITLE if is_series else first.title,
        author_names="、".join(dict.fromkeys(piece.author for piece in pieces)),
        story=SERIES_STORY if is_series else first.story,
        place=first.place,
        taken_on=timezone.localdate() - timedelta(days=chance.randint(340, 700)),
        credit_line="；".join(dict.fromkeys(piece.credit for piece in pieces)),
        ai_use="none",
        portraits="none",
    )
    for piece in pieces:
        upload(entry, piece.path, company, caption=piece.title if is_series else "")
    return entry


def upload(entry: Entry, path: Path, company: Company, caption: str = "") -> None:
    """Add the file as the work's next frame."""
    with path.open("rb") as file:
        add_frame(entry=entry, file=file, name=path.name, user=company.entrant, caption=caption)


def run_workers(
    commands: Sequence[Sequence[str]], log: Path, label: str, waiting: QuerySet[Model]
) -> None:
    """Run workers until nothing waits any more, with a progress bar over the rows that wait.

    Raises WorkerFailed.
    """
    total = left = waiting.count()
    pace = 0.2 if sys.stderr.isatty() else 5  # seconds between two pictures of the bar
    with log.open("wb") as words, tqdm(total=total, desc=label, mininterval=pace) as bar:
        workers = [
            subprocess.Popen(command, stdout=words, stderr=words)  # noqa: S603
            for command in commands
        ]
        while any(worker.poll() is None for worker in workers):
            time.sleep(POLL_SECONDS)
            bar.update(left - (left := waiting.count()))
        bar.update(left - (left := waiting.count()))
    if left or any(worker.returncode for worker in workers):
        raise WorkerFailed(f"{label}: {left} left undone; the workers' words are in {log}.")
