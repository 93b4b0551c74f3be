"""The demo from the empty stage to the published awards, told step by step."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from media_processing.models import MediaAsset
from media_processing.states import FINAL_STATES
from portal.demo import announcement, last_year, this_year
from portal.demo.cast import invite
from portal.demo.editions import make_current_edition, make_last_edition
from portal.demo.media import Media
from portal.demo.news import publish_news
from portal.demo.works import run_workers
from portal.notifications.models import Notice
from portal.notifications.tasks import send_notice
from portal.pages.services import create_site

LONG_SIDE = 1000  # px asked of a photo, or less where the pictures at hand are smaller
SEED = 2026

Say = Callable[[str], None]


def tell(*, media: Media, workers: Sequence[Sequence[str]], folder: Path, say: Say) -> None:
    """Run both editions by the services of the site. `workers` are commands; logs go to `folder`.

    Raises the services' own refusals, and WorkerFailed.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same story each time
    say("People and organisations")
    cast = invite()
    last = make_last_edition(cast, min(LONG_SIDE, _smallest_long_side(media)))
    current = make_current_edition(last, cast)

    say("Uploads, as entrants make them")
    entries = last_year.enter_works(last, cast, media, chance)
    plan = this_year.enter_works(current, cast, media, chance)
    this_year.upload_broken_files(current, cast, media, folder)
    unfinished = MediaAsset.objects.exclude(state__in=FINAL_STATES)
    run_workers(workers, folder / "demo-worker.log", "Files", unfinished)

    say(f"{last}: submission, screening, judging, vote")
    last_year.submit_works(entries)
    last_year.screen_works(last, entries, cast)
    last_year.judge_works(last, cast, chance)
    last_year.vote(last, cast, chance)

    say(f"{last}: notice, objections, publication, certificates")
    awards = announcement.propose(last, cast)
    announcement.put_on_notice(awards, cast)
    announcement.publish(awards, cast)
    announcement.make_papers(awards, cast, workers, folder)

    say(f"{current}: works in each state; call, judging and vote are open")
    this_year.bring_to_fate(plan, cast)
    this_year.begin_judging(current, cast, chance)
    this_year.begin_vote(current, chance)

    say("Pages and news")
    publish_news(create_site(edition=current, archive=[last]))
    unsent = Notice.objects.filter(sent_at=None)
    for notice in unsent.all():  # receipts wait a minute for more works; the demo does not
        send_notice.enqueue(str(notice.pk))
    run_workers(workers[:1], folder / "demo-mails.log", "Mails", unsent)


def _smallest_long_side(media: Media) -> int:
    sides = []
    for piece in media.photos:
        with Image.open(piece.path) as picture:
            sides.append(max(picture.size))
    return min(sides)
