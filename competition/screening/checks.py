"""What stands in the way of a screener's verb, said in plain sentences. Reads, never writes."""

from collections.abc import Collection, Iterable, Mapping

from django.utils.translation import gettext as _

from competition.editions.checks import score_problems
from competition.editions.models import Edition, Phase
from competition.editions.queries import is_phase_open
from competition.entries.checks import EntryRefused
from competition.entries.models import Entry, EntryRevision
from competition.entries.states import Role, verbs
from competition.organisations.models import Organisation
from competition.organisations.queries import association_of, screens_for
from competition.screening.queries import (
    SCORED_STATES,
    Places,
    latest_revision,
    panel_of,
    places_in,
)
from portal.accounts.models import User

ADVICE_LENGTH = 2000  # characters


def require_open(edition: Edition) -> None:
    """Raise EntryRefused unless the screening is open now."""
    if not is_phase_open(edition, Phase.Kind.SCREENING):
        raise EntryRefused(_("Screening is not open now. The work was left as it is."))


def require_screener(entry: Entry, user: User) -> None:
    """Raise EntryRefused unless the person may decide on the work, and now."""
    if not screens_for(user, entry.organisation):
        raise EntryRefused(_("Only the manager of the work's association can do this."))
    require_open(entry.edition)


def require_seen(entry: Entry, seen: int | None) -> None:
    """Raise EntryRefused when the work was revised since the revision with this id was seen.

    None: whoever decides goes by no page.
    """
    latest = latest_revision(entry)
    if seen is not None and seen != (latest.pk if latest else 0):
        raise EntryRefused(
            _(
                "The work was revised since you opened the page, so nothing was decided. Please "
                "look at what is new, then decide."
            )
        )


def require_place(association: Organisation, entry: Entry) -> None:
    """Raise EntryRefused when the association has forwarded as many works as it may.

    The caller holds the association's row, or two works could take the last place.
    """
    places = places_in(association, entry.section)
    if places.left == 0:
        raise EntryRefused(
            _(
                "%(association)s has forwarded all %(limit)s works it may forward in "
                "“%(section)s”. The work was left as it is; ask the organiser if you need "
                "another place."
            )
            % {
                "association": association,
                "limit": places.limit,
                "section": entry.section,
            }
        )


def require_may_score(
    entry: Entry, revision: EntryRevision, screener: User, actor: User
) -> Organisation:
    """Return the association for which `actor` may put down `screener`'s scores now.

    One's own as a member of the association; another member's as its manager, in a meeting.
    Raises EntryRefused, also when the revision is not the latest any more.
    """
    association = association_of(entry.organisation)
    if association is None or not panel_of(association).filter(pk=screener.pk).exists():
        raise EntryRefused(_("Only members of the work's association score it. Nothing was saved."))
    if actor != screener and not screens_for(actor, entry.organisation):
        raise EntryRefused(
            _("Only the association's manager puts down the scores of others. Nothing was saved.")
        )
    require_open(entry.edition)
    if entry.state not in SCORED_STATES:
        raise EntryRefused(
            _("This work is “%(state)s” now and takes no scores. Those given before are kept.")
            % {"state": entry.get_state_display()}
        )
    if revision != latest_revision(entry):
        raise EntryRefused(
            _(
                "The work was revised in the meantime, so this score was not saved. Please reload "
                "the page and look at what is new."
            )
        )
    return association


def require_on_scale(
    edition: Edition, codes: Collection[str], scores: Mapping[str, int], advice: str
) -> None:
    """Raise EntryRefused with a sentence for each thing that is wrong on a card."""
    messages = score_problems(edition, codes, scores)
    if len(advice) > ADVICE_LENGTH:
        messages.append(
            _("Not saved yet: advice has at most %(length)s characters.")
            % {"length": ADVICE_LENGTH}
        )
    if messages:
        raise EntryRefused(*messages)


def foresee(verb: str, works: Iterable[Entry], places: Iterable[Places]) -> list[tuple[Entry, str]]:
    """Return each work with what would stand in the way of the verb, "" for nothing.

    Forwarding takes places in the order of the works.
    """
    left = {one.section.pk: one.left for one in places}
    return [(entry, _problem(verb, entry, left)) for entry in works]


def _problem(verb: str, entry: Entry, left: dict[int, int | None]) -> str:
    """Return why the work would stay; take its place out of `left` when it would go."""
    if verb not in verbs(entry.state, Role.SCREENER):
        return _("It is “%(state)s” now.") % {"state": entry.get_state_display()}
    free = left.get(entry.section_id)
    if verb != "forward" or free is None:
        return ""
    if not free:
        return _("No place is left in “%(section)s”.") % {"section": entry.section}
    left[entry.section_id] = free - 1
    return ""
