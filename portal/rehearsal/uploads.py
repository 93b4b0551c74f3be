"""Everybody's works with their files: made in one process, entered here, processed by workers."""

import multiprocessing
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from competition.editions.models import Section
from competition.entries.models import Entry
from competition.entries.services import create_entry
from media_processing.models import MediaAsset
from portal.demo.cast import Cast, Company
from portal.demo.media import CLIP_ENDINGS, PHOTO_ENDINGS
from portal.demo.works import upload
from portal.rehearsal.editions import the_edition
from portal.rehearsal.pictures import end_with, make_clip, make_photo
from portal.rehearsal.size import Size
from portal.rehearsal.workers import UNDONE, Place, Workers, at_work

# People come over weeks, not all in one hour: so many files wait at most.
MOST_WAITING = 40
MADE_AHEAD = 6
PAUSE = 0.2

Enter = Callable[[Entry, Path, Company], None]


@dataclass(frozen=True)
class Samples:
    """Files of the user's own, which come first as they are; then others are made from them."""

    photos: Sequence[str] = ()
    clips: Sequence[str] = ()


@dataclass
class Plan:
    """The works that have no file yet, by number; `drafts`: those begun before a stop."""

    numbers: list[int]
    drafts: dict[int, int] = field(default_factory=dict)


def find_samples(folder: str) -> Samples:
    """Return the photos and clips in the folder and below; none where no folder is given."""
    if not folder:
        return Samples()
    files = sorted(str(path) for path in Path(folder).expanduser().rglob("*") if path.is_file())
    return Samples(
        [name for name in files if Path(name).suffix.lower() in PHOTO_ENDINGS],
        [name for name in files if Path(name).suffix.lower() in CLIP_ENDINGS],
    )


def title_of(number: int) -> str:
    """Return the work's title, by which it is known again."""
    return f"彩排作品 {number:06d}"


def number_of(entry: Entry) -> int:
    """Return the number that the work's title has."""
    return int(entry.title.rpartition(" ")[2])


def enter_works(
    size: Size, cast: Cast, place: Place, samples: Samples, enter: Enter = upload
) -> tuple[int, dict[str, Any]]:
    """Enter all works that are missing and have all files processed.

    Return how many there are, and how long files waited. Raises WorkerFailed.
    """
    plan = find_missing(size)
    sections = {section.kind: section for section in the_edition().sections.all()}
    with at_work(place) as workers:
        for number, path in tqdm(
            _made(plan.numbers, size, samples),
            total=size.works,
            initial=size.works - len(plan.numbers),
            desc="Works",
            mininterval=5,
        ):
            company = cast.companies[number % len(cast.companies)]
            entry = _draft(number, plan, sections[size.kind(number)], company, size)
            enter(entry, path, company)
            path.unlink()
            _wait_for(workers, at_most=MOST_WAITING)
        _wait_for(workers, at_most=0)
        return size.works, workers.measured()


def find_missing(size: Size) -> Plan:
    """Return what is left to do, whenever the rehearsal was stopped."""
    plan, begun = Plan([]), {}
    rows = the_edition().entries.values_list("title", "pk", "frames")
    for title, pk, frame in rows.iterator():
        begun[title] = None if frame else pk
    for number in range(size.works):
        if title_of(number) not in begun:
            plan.numbers.append(number)
        elif pk := begun[title_of(number)]:
            plan.numbers.append(number)
            plan.drafts[number] = pk
    return plan


def _draft(number: int, plan: Plan, section: Section, company: Company, size: Size) -> Entry:
    if pk := plan.drafts.get(number):
        return Entry.objects.select_related("section", "organisation").get(pk=pk)
    chance = size.chance("work", number)
    return create_entry(
        section=section,
        organisation=company.organisation,
        user=company.entrant,
        title=title_of(number),
        author_names=f"作者 {number % 2000}",
        story="一次夜间检修之后，画面里的人刚刚下班。",
        place="中控室",
        taken_on=timezone.localdate() - timedelta(days=chance.randint(340, 700)),
        ai_use="none",
        portraits="none",
    )


def _made(numbers: Sequence[int], size: Size, samples: Samples) -> Iterator[tuple[int, Path]]:
    """Yield each work's number and file. Another process makes a few ahead, and no more."""
    ahead: deque[tuple[int, Future[str]]] = deque()
    fresh = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="rehearsal-") as folder,
        ProcessPoolExecutor(1, fresh, end_with, (os.getpid(),)) as maker,
    ):
        for number in numbers:
            ahead.append((number, _ask(maker, folder, number, size, samples)))
            if len(ahead) > MADE_AHEAD:
                first, file = ahead.popleft()
                yield first, Path(file.result())
        for first, file in ahead:
            yield first, Path(file.result())


def _ask(
    maker: ProcessPoolExecutor, folder: str, number: int, size: Size, samples: Samples
) -> Future[str]:
    if number < size.photos:
        return maker.submit(make_photo, folder, number, size.seed, samples.photos)
    return maker.submit(make_clip, folder, number - size.photos, size.seed, samples.clips)


def _wait_for(workers: Workers, at_most: int) -> None:
    workers.look()
    while MediaAsset.objects.filter(state__in=UNDONE).count() > at_most:
        time.sleep(PAUSE)
        workers.look()
