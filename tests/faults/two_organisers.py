"""Two organisers close, confirm and publish the same thing at the same moment.

python -m tests.faults.two_organisers
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.faults.account import Account
from tests.faults.site import faulty_site

EDITIONS = 5
ACTIONS = {
    "round": "competition.round.close",
    "poll": "voting.poll.close",
    "confirm": "competition.award_list.confirm",
    "publish": "competition.award_list.publish",
}


@dataclass
class Running:
    """An edition that is ready to be closed: a scored round, a poll with votes, a rule."""

    edition: Any
    round: Any
    poll: Any
    organisers: list[Any]


def main() -> int:
    account = Account("two organisers at once")
    with faulty_site():
        for _ in range(EDITIONS):
            close_everything(account, make_edition())
        account.control("a poll closed without its lock", noticed=closes_twice(make_edition().poll))
    return account.close()


def close_everything(account: Account, running: Running) -> None:
    """Do each step twice at once, in the order of an edition."""
    from competition.awards.services import confirm_awards, propose_awards, publish_awards
    from competition.judging.models import StandingList
    from competition.judging.services import close_round
    from voting.services import close_poll

    race(account, "round", running, lambda who: close_round(round=running.round, actor=who))
    race(account, "poll", running, lambda who: close_poll(poll=_own(running.poll), actor=who))
    award_list = propose_awards(edition=running.edition, actor=None)
    race(
        account,
        "confirm",
        running,
        lambda who: confirm_awards(award_list=_own(award_list), actor=who),
    )
    race(
        account,
        "publish",
        running,
        lambda who: publish_awards(award_list=_own(award_list), actor=who),
    )
    versions = list(
        StandingList.objects.filter(edition=running.edition).values_list("source", "version")
    )
    account.missing("standings frozen twice", sum(version > 1 for _source, version in versions))


def race(account: Account, step: str, running: Running, act: Callable[[Any], object]) -> None:
    """Let both act at once: one succeeds, the other reads why not, one line is in the log."""
    said = at_once([lambda who=who: act(who) for who in running.organisers])
    refused = [one for one in said if isinstance(one, str) and one]
    broken = [one for one in said if isinstance(one, Exception)]
    account.missing(f"successes ({step})", abs(sum(one is True for one in said) - 1))
    account.missing(f"refusals in words ({step})", abs(len(refused) - 1))
    account.note(**{f"{step}: the other is told": refused[:1] or [repr(one) for one in broken]})
    account.missing(f"lines of the log twice or not at all ({step})", abs(_logged(step) - 1))


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Run all together; return True, the words of a refusal, or what broke, of each."""
    from django.db import connection

    start = threading.Barrier(len(calls), timeout=60)

    def run(call: Callable[[], object]) -> object:
        try:
            start.wait()
            call()
            return True
        except Exception as error:
            words = getattr(error, "messages", None)
            return " ".join(map(str, words)) if words else error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def closes_twice(poll: Any) -> bool:
    """The control: without the lock both see an open poll, and more than one refusal is missing."""
    from voting import services

    both_have_looked = threading.Barrier(2, timeout=60)

    def look(poll: Any) -> None:
        poll.refresh_from_db()
        both_have_looked.wait(timeout=10)

    lock, services._lock = services._lock, look
    try:
        said = at_once([lambda: services.close_poll(poll=_own(poll), actor=None)] * 2)
    finally:
        services._lock = lock
    return not (said.count(True) == 1 and any(isinstance(one, str) for one in said))


def make_edition() -> Running:
    from competition.judging.scorecards import save_scorecard
    from tests import factories as make

    edition = make.EditionFactory()
    section = make.SectionFactory(edition=edition)
    make.CriterionFactory(edition=edition, code="theme")
    make.open_phase(edition, "judging")
    make.close_phase(edition, "voting")
    round = make.RoundFactory(edition=edition)
    round.sections.add(section)
    poll = make.PollFactory(edition=edition)
    poll.sections.add(section)
    panel = make.PanelFactory(edition=edition)
    round.panels.add(panel)
    judge = make.JudgeFactory(panel=panel)
    works = [make.EntryFactory(section=section, state="admitted") for _ in range(3)]
    for value, work in enumerate(works, start=5):
        card = make.AssignmentFactory(judge=judge, entry=work, round=round)
        save_scorecard(assignment=card, user=judge.user, scores={"theme": value})
        make.BallotFactory(poll=poll, entry=work)
    make.QuotaFactory(category=make.CategoryFactory(edition=edition), section=section)
    make.AwardRuleFactory(edition=edition)
    return Running(edition, round, poll, [make.UserFactory(), make.UserFactory()])


def _own(row: Any) -> Any:
    """Each request has an object of its own."""
    return type(row).objects.get(pk=row.pk)


_seen: dict[str, int] = {}


def _logged(step: str) -> int:
    """Return how many lines this step has written since it was asked last."""
    from wagtail.models import ModelLogEntry

    number = ModelLogEntry.objects.filter(action=ACTIONS[step]).count()
    new, _seen[step] = number - _seen.get(step, 0), number
    return new


if __name__ == "__main__":
    sys.exit(main())
