"""The current edition: call, judging and vote are open, and works are in each state."""

import random
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.services import (
    admit_entry,
    create_entry,
    disqualify_entry,
    reject_entry,
    submit_entry,
    withdraw_entry,
)
from competition.judging.assigning import assign_round
from competition.judging.models import Assignment
from competition.screening.services import (
    decline_entry,
    forward_entry,
    return_for_revision,
)
from portal.demo.ballots import bought_votes, cast_and_seal, honest_vote
from portal.demo.cast import Cast
from portal.demo.last_year import score
from portal.demo.media import Media
from portal.demo.works import enter, upload
from voting.examination import examine_poll

# Company (its place in the cast) -> what becomes of its single photos.
FATES = {
    0: ["draft", "returned", "admitted", "admitted"],
    1: ["submitted", "forwarded", "admitted"],
    2: ["submitted", "not_forwarded", "admitted"],
    3: ["submitted", "rejected", "admitted"],
    4: ["submitted", "forwarded", "admitted"],
    5: ["withdrawn", "admitted"],
    6: ["submitted", "disqualified", "admitted"],
}
VIDEO_FATES = {3: "admitted", 5: "submitted"}
SCORED_SHARE = 0.4
VOTERS = 25
BOUGHT_AGO = timedelta(days=2)

Plan = list[tuple[Entry, str]]


def enter_works(edition: Edition, cast: Cast, media: Media, chance: random.Random) -> Plan:
    """Begin the works; return each with the state it shall come to."""
    # The small files first: these works are here to be worked with, not to be waited for.
    photos = sorted(media.photos, key=lambda piece: piece.path.stat().st_size)
    clips = sorted(media.clips, key=lambda piece: piece.path.stat().st_size)
    fates = [(place, fate) for place, states in FATES.items() for fate in states]
    plan: Plan = []
    for piece, (place, fate) in zip(photos, fates, strict=False):
        entry = enter(edition, cast.companies[place], "single_photo", [piece], chance)
        plan.append((entry, fate))
    for clip, (place, fate) in zip(clips, VIDEO_FATES.items(), strict=False):
        plan.append((enter(edition, cast.companies[place], "micro_video", [clip], chance), fate))
    return plan


def upload_broken_files(edition: Edition, cast: Cast, media: Media, folder: Path) -> None:
    """Upload a photo that was cut off on its way, and a text that is called a video."""
    photo = next(p.path for p in media.photos if p.path.suffix.lower() in {".jpg", ".jpeg"})
    cut_off, text = folder / "cut-off.jpg", folder / "not-a-video.mp4"
    whole = photo.read_bytes()
    cut_off.write_bytes(whole[: len(whole) // 3])
    text.write_text("这不是视频，只是一个改了扩展名的文本文件。\n" * 40)
    company = cast.companies[0]
    for kind, path, title in [
        ("single_photo", cut_off, "没有传完的照片"),
        ("micro_video", text, "改名的文本"),
    ]:
        entry = create_entry(
            section=edition.sections.get(kind=kind),
            organisation=company.organisation,
            user=company.entrant,
            title=title,
            author_names=str(company.entrant),
        )
        upload(entry, path, company)


def bring_to_fate(plan: Plan, cast: Cast) -> None:
    """Take each work to its state, by the people whose verbs these are."""
    for entry, fate in plan:
        if fate != "draft":
            submit_entry(entry=entry, user=entry.created_by, accepts_rights=True)
            _screen(entry, fate, cast)
            _organise(entry, fate, cast)


def _screen(entry: Entry, fate: str, cast: Cast) -> None:
    screener = cast.screener_of(entry.organisation)
    if fate == "withdrawn":
        withdraw_entry(entry=entry, user=entry.created_by)
    elif fate == "returned":
        assert screener is not None
        return_for_revision(entry=entry, user=screener, reason="请补充拍摄地点，并核对作者姓名。")
    elif fate == "not_forwarded":
        assert screener is not None
        decline_entry(entry=entry, user=screener, reason="与本届主题的联系不够。")
    elif screener is not None and fate != "submitted":
        forward_entry(entry=entry, user=screener)


def _organise(entry: Entry, fate: str, cast: Cast) -> None:
    if fate == "rejected":
        reject_entry(entry=entry, user=cast.organiser, reason="画面有明显的商业标识。")
    if fate in {"admitted", "disqualified"}:
        admit_entry(entry=entry, user=cast.organiser)
    if fate == "disqualified":
        disqualify_entry(entry=entry, user=cast.organiser, reason="作者来函说明系他人作品。")


def begin_judging(edition: Edition, cast: Cast, chance: random.Random) -> None:
    """Assign the round; each judge has scored a part of their works."""
    scoring = edition.rounds.get()
    assign_round(round=scoring, actor=cast.organiser, seed=8)
    for user in cast.judges:
        mine = list(Assignment.objects.filter(round=scoring, judge__user=user))
        score(mine[: int(len(mine) * SCORED_SHARE)], edition, chance)


def begin_vote(edition: Edition, chance: random.Random) -> None:
    """The votes of yesterday and today; some were bought, and wait for the organiser's review."""
    poll, now = edition.poll, timezone.now()
    works = list(edition.entries.filter(state="admitted"))
    votes = bought_votes(poll, works[-1], now - BOUGHT_AGO)
    for n in range(VOTERS):
        at = now - (timedelta(days=1) if n % 2 else timedelta(seconds=1))
        chosen = chance.sample(works, k=min(len(works), chance.randint(1, 3)))
        votes += [honest_vote(poll, n, entry, at) for entry in chosen]
    cast_and_seal(poll, votes)
    examine_poll(poll)
