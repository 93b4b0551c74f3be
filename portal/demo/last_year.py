"""The finished edition: from the call to the end of the vote, by the services of the site."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle, islice

from competition.editions.models import Edition
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.entries.services import (
    admit_entry,
    reject_entry,
    submit_entry,
    update_entry,
)
from competition.judging.assigning import assign_round
from competition.judging.models import Assignment
from competition.judging.scorecards import save_scorecard
from competition.judging.services import close_round
from competition.screening.services import (
    decline_entry,
    forward_entry,
    return_for_revision,
)
from portal.demo.ballots import bought_votes, cast_and_seal, honest_vote, review
from portal.demo.cast import Cast
from portal.demo.editions import LAST_YEAR, set_windows, stand_in
from portal.demo.media import Media, Piece
from portal.demo.works import enter

SINGLES = 18
FRAMES = 4
# The series of the mountains, where Debian's pictures are there.
SERIES = ["aitzgorri", "picosdeeuropa", "life", "sunset"]
VOTERS = 160
BOUGHT_AFTER = timedelta(days=5, hours=14)
RETURNED = {
    4: "主题突出，但说明过短，请补充拍摄的时间与缘由后重新提交。",
    11: "请写明画面中的人物与岗位。",
}
DECLINED = {7: "与本届主题的联系不够，建议明年再投。"}
REJECTED = {9: "与往届获奖作品构图雷同。"}


def enter_works(edition: Edition, cast: Cast, media: Media, chance: random.Random) -> list[Entry]:
    """Begin everybody's works while the call is open."""
    stand_in(edition, ["call"])
    series = find_series(media)
    singles = [piece for piece in media.photos if piece not in series]
    companies = cycle(cast.companies)
    entries = [
        enter(edition, next(companies), "single_photo", [piece], chance)
        for piece in islice(cycle(singles), SINGLES)
    ]
    entries.append(enter(edition, cast.companies[0], "photo_series", series, chance))
    for company, clip in zip(cast.companies[1::2], media.clips[:3], strict=True):
        entries.append(enter(edition, company, "micro_video", [clip], chance))
    return entries


def find_series(media: Media) -> list[Piece]:
    """Return the four pictures of the series; any four where those are missing."""
    known = [p for stem in SERIES for p in media.photos if p.path.stem.startswith(f"{stem}_")]
    return known if len(known) == FRAMES else list(islice(cycle(media.photos), FRAMES))


def submit_works(entries: list[Entry]) -> None:
    """Hand everything in."""
    for entry in entries:
        submit_entry(entry=entry, user=entry.created_by, accepts_rights=True)


def screen_works(edition: Edition, entries: list[Entry], cast: Cast) -> None:
    """The associations return, decline and forward; the organiser admits and rejects."""
    stand_in(edition, ["screening"])
    for place, entry in enumerate(entries):
        screener = cast.screener_of(entry.organisation)
        if screener is None:
            continue
        if advice := RETURNED.get(place):
            return_for_revision(entry=entry, user=screener, reason=advice)
            story = f"{entry.story}\n摄于一次夜间检修之后，画面里的人刚刚下班。"
            update_entry(entry=entry, user=entry.created_by, story=story)
            submit_entry(entry=entry, user=entry.created_by, accepts_rights=True)
        if reason := DECLINED.get(place):
            decline_entry(entry=entry, user=screener, reason=reason)
        else:
            forward_entry(entry=entry, user=screener)
    for place, entry in enumerate(entries):
        if reason := REJECTED.get(place):
            reject_entry(entry=entry, user=cast.organiser, reason=reason)
        elif place not in DECLINED:
            admit_entry(entry=entry, user=cast.organiser)


def judge_works(edition: Edition, cast: Cast, chance: random.Random) -> None:
    """Every judge scores everything assigned; the organiser closes the round."""
    stand_in(edition, ["judging"])
    scoring = edition.rounds.get()
    assign_round(round=scoring, actor=cast.organiser, seed=7)
    score(list(Assignment.objects.filter(round=scoring)), edition, chance)
    set_windows(edition, LAST_YEAR)
    scoring.refresh_from_db()
    close_round(round=scoring, actor=cast.organiser)


def score(assignments: list[Assignment], edition: Edition, chance: random.Random) -> None:
    """Score these as people do: works differ, judges are severe or mild, moods vary."""
    criteria = [criterion.code for criterion in edition.criteria.all()]
    merit = {a.entry_id: chance.gauss(0, 1.4) for a in assignments}
    mildness = {a.judge_id: chance.gauss(0, 0.6) for a in assignments}
    for a in assignments:
        score_one(a, 6.6 + merit[a.entry_id] + mildness[a.judge_id], criteria, chance)


def score_one(
    assignment: Assignment, expected: float, criteria: Sequence[str], chance: random.Random
) -> None:
    """Score a work about as expected, a praised one with a note."""
    scores = {code: max(1, min(10, round(chance.gauss(expected, 0.8)))) for code in criteria}
    note = "构图沉稳，光线处理得当。" if expected > 8 else ""
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores=scores, note=note)


def vote(edition: Edition, cast: Cast, chance: random.Random) -> None:
    """A few hundred votes over the days of the poll; a few works get most of them, one buys some.

    The organiser reviews them.
    """
    set_windows(edition, LAST_YEAR)
    poll = edition.poll
    window = find_phase(edition, "voting")
    assert window is not None
    seconds = int((window.closes_at - window.opens_at).total_seconds())
    works = list(edition.entries.filter(state="admitted"))
    chance.shuffle(works)
    weights = [1 / (place + 2) for place in range(len(works))]
    votes = bought_votes(poll, works[-1], window.opens_at + BOUGHT_AFTER)
    for n in range(VOTERS):
        at = window.opens_at + timedelta(seconds=chance.randrange(seconds))
        chosen = {*chance.choices(works, weights, k=chance.randint(1, 5))}
        votes += [honest_vote(poll, n, entry, at) for entry in chosen]
    casts = cast_and_seal(poll, votes)
    review(poll, [done.receipt for done in casts[:3]], cast.organiser)
