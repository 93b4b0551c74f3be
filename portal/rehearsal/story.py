"""The steps of a rehearsal in their order. Each is played once, whatever stops it on the way."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal.demo.cast import Cast
from portal.demo.editions import stand_in
from portal.rehearsal import ending, journal, people, scoring, screening, uploads, visits, voting
from portal.rehearsal.editions import set_up, the_edition
from portal.rehearsal.gauges import Gauges, Queries
from portal.rehearsal.served import served
from portal.rehearsal.size import Size
from portal.rehearsal.uploads import Samples
from portal.rehearsal.workers import Place

Say = Callable[[str], None]
# How many were done, or that with what was measured besides.
Done = int | tuple[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """`unit`: what is counted. One that is `whole` is a transaction: all of it, or nothing."""

    name: str
    unit: str
    play: Callable[[], Done]
    whole: bool = False


def steps(size: Size, place: Place, samples: Samples) -> list[Step]:
    """Return all steps; who takes part is looked up when a step begins."""

    def cast() -> Cast:
        return people.everybody(size)

    def upload() -> Done:
        stand_in(the_edition(), ["call"])
        if not place.web:
            return uploads.enter_works(size, cast(), place, samples)
        with served(place) as site:
            return uploads.enter_works(size, cast(), place, samples, site.enter)

    def looking(look: Callable[[Cast], list[dict[str, Any]]]) -> Callable[[], Done]:
        def play() -> Done:
            pages = look(cast())
            return len(pages), {"pages": pages}

        return play

    return [
        Step("people", "organisations", lambda: people.invite(size)),
        Step("edition", "editions", lambda: set_up(size, cast())),
        Step("uploads", "works", upload),
        Step("submission", "works", lambda: screening.submit_works()),
        Step("screening", "works", lambda: screening.screen_works(size, cast())),
        Step("screening pages", "pages", looking(visits.visit_screening)),
        Step("admission", "works", lambda: screening.admit_works(size, cast())),
        Step("assignment", "pairs", lambda: scoring.assign(size, cast()), whole=True),
        Step("judging pages", "pages", looking(visits.visit_judging)),
        Step("scoring", "scorecards", lambda: scoring.score(size)),
        Step("closing the round", "works", lambda: scoring.close(cast()), whole=True),
        Step("opening the vote", "polls", lambda: voting.open_vote(), whole=True),
        Step("voting", "ballots", lambda: voting.cast_votes(size)),
        Step("review of the vote", "clusters", lambda: voting.review_votes(cast()), whole=True),
        Step("closing the vote", "ballots", lambda: voting.close_vote(cast()), whole=True),
        Step("selection", "awards", lambda: ending.propose(cast()), whole=True),
        Step("notice", "awards", lambda: ending.give_notice(cast()), whole=True),
        Step("publication", "awards", lambda: ending.announce(cast()), whole=True),
        Step("bundles", "bundles", lambda: ending.make_papers(place)),
        Step("mails", "mails", lambda: ending.send_mails(place)),
        Step("public and organiser's pages", "pages", looking(visits.visit_results)),
    ]


def tell(todo: list[Step], gauges: Gauges, queries: Queries, say: Say) -> None:
    """Play what is not done yet, and note what was measured of each step.

    Raises the services' own refusals, and WorkerFailed.
    """
    for step in todo:
        if journal.step_done(step.name) is not None:
            say(f"{step.name}: done before")
            continue
        tries = (journal.read(f"tries {step.name}") or 0) + 1
        journal.write(f"tries {step.name}", tries)
        say(f"{step.name} ...")
        gauges.begin(step.name, again=tries > 1)
        queries.taken()
        with transaction.atomic() if step.whole else nullcontext():
            _play(step, tries, gauges, queries)


def _play(step: Step, tries: int, gauges: Gauges, queries: Queries) -> None:
    done = step.play()
    number, more = done if isinstance(done, tuple) else (done, {})
    journal.end_step(
        step.name,
        {
            "unit": step.unit,
            "done": number,
            "tries": tries,
            "queries": queries.taken(),
            **gauges.measured(),
            **more,
        },
    )
