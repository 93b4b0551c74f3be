"""All that is kept of one person, and what binds their account. Reads every room."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.awards.models import Award, AwardCategory
from competition.awards.queries import noticed_lists, published_lists
from competition.entries.checks import EDITABLE_FIELDS
from competition.entries.models import Appeal, Entry, EntryRevision, Frame, Release
from competition.entries.states import State
from competition.judging.models import Assignment, Scorecard
from competition.organisations.models import Invitation, Membership, Organisation
from competition.screening.models import ScreeningCard
from media_processing.models import MediaAsset
from portal.accounts.groups import group_names
from portal.accounts.models import User


def works_of(user: User) -> QuerySet[Entry]:
    """Return the works the person began or submitted."""
    return Entry.objects.filter(Q(created_by=user) | Q(rights_accepted_by=user))


# --- what is kept -------------------------------------------------------------------------


def everything_of(user: User) -> dict[str, Any]:
    """Return all that is kept of the person, as plain values; constant queries.

    Ballots are not among it: they know a voter by a keyed hash, never by an account.
    """
    return {
        "account": _account(user),
        "memberships": list(
            user.memberships.values("organisation__name", "role", "joined_at").order_by("pk")
        ),
        "invitations": list(
            Invitation.objects.filter(Q(invited_by=user) | Q(accepted_by=user))
            .values("organisation__name", "email", "role", "created_at", "accepted_at")
            .order_by("pk")
        ),
        "uploads": list(
            MediaAsset.objects.filter(uploaded_by=user)
            .values("original_name", "byte_size", "sha256", "state", "created_at")
            .order_by("created_at", "pk")
        ),
        "works": [_work(entry) for entry in _whole_works(user)],
        "releases": list(
            Release.objects.filter(added_by=user)
            .values("entry__title", "original_name", "byte_size", "sha256", "added_at")
            .order_by("pk")
        ),
        "appeals": list(
            Appeal.objects.filter(made_by=user)
            .values("entry__number", "against", "text", "made_at", "answer", "reason")
            .order_by("pk")
        ),
        "screening": [_screening_card(card) for card in _screening_cards(user)],
        "judging": [_scorecard(card) for card in _scorecards(user)],
        "notices": list(
            user.notices.values("kind", "context", "created_at", "sent_at").order_by("pk")
        ),
        "deeds": list(
            ModelLogEntry.objects.filter(user_id=user.pk)
            .values("timestamp", "action", "label", "data")
            .order_by("timestamp", "pk")
        ),
    }


def _account(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
    return {
        "email": user.email,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "language": user.language,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "groups": sorted(group_names(user)),
        "email_addresses": list(addresses),
    }


def _whole_works(user: User) -> QuerySet[Entry]:
    frames = Frame.objects.select_related("asset")
    revisions = EntryRevision.objects.filter(submitted_by=user)
    return (
        works_of(user)
        .select_related("edition", "section", "organisation")
        .prefetch_related(
            Prefetch("frames", queryset=frames), Prefetch("revisions", queryset=revisions)
        )
        .order_by("pk")
    )


def _work(entry: Entry) -> dict[str, Any]:
    return {
        **{name: getattr(entry, name) for name in EDITABLE_FIELDS},
        "edition": entry.edition.title,
        "section": entry.section.title,
        "organisation": entry.organisation.name,
        "number": entry.number,
        "state": entry.state,
        "advice": entry.advice,
        "created_at": entry.created_at,
        "submitted_at": entry.submitted_at,
        "rights_accepted_at": entry.rights_accepted_at,
        "files": [_file(frame) for frame in entry.frames.all()],
        "revisions": [
            {"number": one.number, "submitted_at": one.submitted_at, "content": one.content}
            for one in entry.revisions.all()
        ],
    }


def _file(frame: Frame) -> dict[str, Any]:
    asset = frame.asset
    return {
        "original": settings.WAGTAILADMIN_BASE_URL + reverse("frame-original", args=[frame.pk]),
        "caption": frame.caption,
        "name": asset.original_name,
        "bytes": asset.byte_size,
        "sha256": asset.sha256,
        "taken_at": asset.taken_at,
        "camera": asset.camera,
        "lens": asset.lens,
        "latitude": asset.latitude,
        "longitude": asset.longitude,
    }


def _screening_cards(user: User) -> QuerySet[ScreeningCard]:
    mine = ScreeningCard.objects.filter(screener=user).select_related("revision__entry")
    return mine.prefetch_related("scores").order_by("pk")


def _screening_card(card: ScreeningCard) -> dict[str, Any]:
    return {
        "work": card.revision.entry.number,
        "revision": card.revision.number,
        "advice": card.advice,
        "scores": {score.criterion: score.value for score in card.scores.all()},
        "updated_at": card.updated_at,
    }


def _scorecards(user: User) -> QuerySet[Scorecard]:
    mine = Scorecard.objects.filter(assignment__judge__user=user)
    related = mine.select_related("assignment__round", "assignment__entry")
    return related.prefetch_related("scores__criterion").order_by("pk")


def _scorecard(card: Scorecard) -> dict[str, Any]:
    return {
        "round": card.assignment.round.title,
        "work": card.assignment.entry.number,
        "note": card.note,
        "scores": {score.criterion.code: score.value for score in card.scores.all()},
        "updated_at": card.updated_at,
    }


# --- what binds ---------------------------------------------------------------------------


def awarded_works(user: User) -> QuerySet[Entry]:
    """Return the person's works that an award names, as everybody may know by now."""
    awards = Award.objects.filter(
        Q(award_list__in=published_lists()) | Q(award_list__in=noticed_lists())
    )
    return works_of(user).filter(pk__in=awards.values("entry")).order_by("pk")


def works_that_may_win(user: User) -> QuerySet[Entry]:
    """Return the person's admitted works of editions whose awards are not published yet.

    All of them, whatever has been decided: who may not leave must not learn from it who has won.
    """
    taking_part = works_of(user).filter(state=State.ADMITTED)
    return (
        taking_part.filter(edition__in=AwardCategory.objects.values("edition"))
        .exclude(edition__in=published_lists().values("edition"))
        .order_by("pk")
    )


def works_being_judged(user: User) -> QuerySet[Entry]:
    """Return the person's works that a round which is not closed has assigned."""
    open_ones = Assignment.objects.filter(round__closed_at=None)
    return works_of(user).filter(pk__in=open_ones.values("entry")).order_by("pk")


def judges_now(user: User) -> bool:
    """Tell whether the person has works to read in a round that is not closed."""
    return Assignment.objects.filter(judge__user=user, round__closed_at=None).exists()


def organisations_left_alone(user: User) -> QuerySet[Organisation]:
    """Return the organisations that have other members, but no other manager."""
    manages = Organisation.objects.filter(
        memberships__user=user, memberships__role=Membership.Role.MANAGER
    )
    others = Membership.objects.exclude(user=user)
    managers = others.filter(role=Membership.Role.MANAGER)
    return manages.filter(pk__in=others.values("organisation")).exclude(
        pk__in=managers.values("organisation")
    )


def drafts_of_nobody_else(user: User) -> QuerySet[Entry]:
    """Return the drafts of organisations whose only member is this person."""
    shared = Membership.objects.exclude(user=user).values("organisation")
    own = Entry.objects.filter(state="draft", organisation__memberships__user=user)
    return own.exclude(organisation__in=shared)
