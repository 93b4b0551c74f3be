"""Submission, the associations' round and the organiser's: each work goes one move at a time.

What a work still needs is told from its state, so a stop at any moment does no harm.
"""

from collections.abc import Callable

from django.db.models import QuerySet
from tqdm import tqdm

from competition.entries.models import Entry
from competition.entries.services import (
    admit_entry,
    disqualify_entry,
    reject_entry,
    submit_entry,
    update_entry,
)
from competition.entries.states import State
from competition.organisations.queries import association_of
from competition.screening.queries import criteria_of, latest_revision, places_in
from competition.screening.services import (
    decline_entry,
    forward_entry,
    return_for_revision,
    save_card,
)
from portal.accounts.models import User
from portal.demo.cast import Cast
from portal.demo.editions import stand_in
from portal.rehearsal.batches import in_batches
from portal.rehearsal.editions import the_edition
from portal.rehearsal.size import Fate, Size
from portal.rehearsal.uploads import number_of


def submit_works() -> int:
    """Hand in every draft; return the works that were submitted."""
    drafts = _works().filter(state=State.DRAFT)
    _each(drafts, "Submission", _submit)
    return _works().exclude(submitted_at=None).count()


def screen_works(size: Size, cast: Cast) -> int:
    """The associations score, return, decline and forward what is theirs; return how many."""
    edition = the_edition()
    stand_in(edition, ["call", "screening"])
    below = _works().exclude(organisation__association=None)

    def screen(entry: Entry) -> None:
        screener = cast.screener_of(entry.organisation)
        if screener is not None:
            _screen(entry, size.fate(number_of(entry)), screener, size)

    _each(below.filter(state__in=[State.SUBMITTED, State.RETURNED]), "Screening", screen)
    return below.count()


def admit_works(size: Size, cast: Cast) -> int:
    """The organiser admits, rejects and disqualifies; return the works decided on."""

    def decide(entry: Entry) -> None:
        fate = size.fate(number_of(entry))
        if fate == Fate.REJECTED:
            reject_entry(entry=entry, user=cast.organiser, reason="画面有明显的商业标识。")
            return
        if entry.state != State.ADMITTED:
            admit_entry(entry=entry, user=cast.organiser)
        if fate == Fate.DISQUALIFIED:
            reason = "作者来函说明系他人作品。"
            disqualify_entry(entry=entry, user=cast.organiser, reason=reason)

    states = [State.SUBMITTED, State.FORWARDED, State.ADMITTED]
    _each(_works().filter(state__in=states), "Admission", decide)
    return _works().exclude(state=State.NOT_FORWARDED).count()


def _works() -> QuerySet[Entry]:
    works = the_edition().entries.all()
    return works.select_related("edition", "section", "organisation__association", "created_by")


def _each(works: QuerySet[Entry], label: str, do: Callable[[Entry], None]) -> None:
    with tqdm(total=works.count(), desc=label, mininterval=5) as bar:
        for part in in_batches(works):
            for entry in part:
                do(entry)
            bar.update(len(part))


def _submit(entry: Entry) -> None:
    assert entry.created_by is not None
    submit_entry(entry=entry, user=entry.created_by, accepts_rights=True)


def _screen(entry: Entry, fate: Fate, screener: User, size: Size) -> None:
    if fate == Fate.REVISED and entry.state == State.SUBMITTED and _is_first(entry):
        return_for_revision(entry=entry, user=screener, reason="请补充拍摄的时间与缘由。")
    if entry.state == State.RETURNED:
        assert entry.created_by is not None
        update_entry(entry=entry, user=entry.created_by, story=f"{entry.story}\n摄于春检。")
        _submit(entry)
    _score(entry, screener, size)
    association = association_of(entry.organisation)
    assert association is not None
    if fate == Fate.DECLINED:
        decline_entry(entry=entry, user=screener, reason="与本届主题的联系不够。")
    elif places_in(association, entry.section).left == 0:
        decline_entry(entry=entry, user=screener, reason="推荐名额已满。")
    else:
        forward_entry(entry=entry, user=screener)


def _is_first(entry: Entry) -> bool:
    return entry.revisions.count() == 1


def _score(entry: Entry, screener: User, size: Size) -> None:
    association, revision = association_of(entry.organisation), latest_revision(entry)
    assert association is not None
    assert revision is not None
    chance = size.chance("card", number_of(entry))
    codes = [one.code for one in criteria_of(association, entry.edition)]
    scores = {code: chance.randint(4, 10) for code in codes}
    save_card(revision=revision, screener=screener, actor=screener, scores=scores)
