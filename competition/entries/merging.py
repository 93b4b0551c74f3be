"""Two rows for one organisation become one: members, works, companies and invitations move.

Here and not among the organisations, because works move too.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, F, Max
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Section
from competition.entries.models import Entry
from competition.entries.queries import UNCOUNTED
from competition.organisations.checks import OrganisationRefused, require_organiser
from competition.organisations.members import add_member, set_association_group
from competition.organisations.models import Organisation
from competition.organisations.signals import organisations_merging
from portal.accounts.models import User


@transaction.atomic
def merge_organisations(
    *, kept: Organisation, gone: Organisation, user: User, over_limits: bool = False
) -> Organisation:
    """Move everything of `gone` to `kept` and remove `gone`; its join code leads nowhere then.

    Who is in both keeps the higher role. Raises OrganisationRefused: not by the organiser, the
    two are of different kinds or the same, a section would have more works than it allows and
    `over_limits` does not say that this is meant, or another room can't join what it keeps.
    """
    require_organiser(user)
    require_mergeable(kept, gone)
    kept, gone = _lock(kept, gone)
    if not over_limits and (over := sections_over_limit(kept, gone)):
        raise OrganisationRefused(*over_limit_words(over))
    organisations_merging.send(Organisation, kept=kept, gone=gone)
    _move_works(kept, gone, user)
    _move_members(kept, gone, user)
    gone.companies.update(association=kept)
    gone.invitations.update(organisation=kept)
    _move_sheet_rows(kept, gone)
    _require_empty(gone)
    log(
        instance=kept,
        action="competition.organisation.merge",
        user=user,
        data={"merged": gone.pk, "why": gone.name},
    )
    gone.delete()
    return kept


def _lock(kept: Organisation, gone: Organisation) -> tuple[Organisation, Organisation]:
    """Hold both and their works, so that whoever has begun ends first. Raises OrganisationRefused.

    Organisations before works, as everywhere, but not so hard that a work being saved, which
    asks for its organisation's key, would wait. Then the key of `gone`: nothing begins there.
    """
    both = Organisation.objects.filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    rows = {row.pk: row for row in both.select_for_update(no_key=True)}
    if len(rows) < 2:
        raise OrganisationRefused(_("One of the two is gone already. Nothing was changed."))
    list(Entry.objects.select_for_update().filter(organisation__in=rows).order_by("pk"))
    return rows[kept.pk], both.select_for_update().get(pk=gone.pk)


def require_mergeable(kept: Organisation, gone: Organisation) -> None:
    """Raise OrganisationRefused unless the two are different ones of the same kind."""
    if kept.pk == gone.pk:
        raise OrganisationRefused(_("An organisation can't be merged into itself."))
    if kept.kind != gone.kind:
        raise OrganisationRefused(
            _("An association and a company can't be merged. Nothing was changed.")
        )


def sections_over_limit(kept: Organisation, gone: Organisation) -> list[tuple[Section, int]]:
    """Return the sections, with how many works, that would hold more than they allow one."""
    works = Entry.objects.filter(organisation__in=[kept, gone]).exclude(state__in=UNCOUNTED)
    counts = dict(works.order_by().values_list("section").annotate(Count("pk")))
    limited = Section.objects.filter(pk__in=counts, entries_per_organisation__gt=0)
    return [
        (section, counts[section.pk])
        for section in limited.select_related("edition")
        if counts[section.pk] > section.entries_per_organisation
    ]


def over_limit_words(over: Sequence[tuple[Section, int]]) -> list[str]:
    """Return a sentence for each section that would hold too many."""
    return [
        _(
            "“%(section)s” (%(edition)s) allows %(limit)d works an organisation; together they "
            "have %(count)d."
        )
        % {
            "section": section,
            "edition": section.edition,
            "limit": section.entries_per_organisation,
            "count": count,
        }
        for section, count in over
    ]


def _move_works(kept: Organisation, gone: Organisation, user: User) -> None:
    for entry in Entry.objects.filter(organisation=gone).order_by("pk"):
        entry.organisation = kept
        entry.save(update_fields=["organisation", "updated_at"])
        log(
            instance=entry,
            action="competition.entry.rehome",
            user=user,
            data={"from": gone.pk, "to": kept.pk, "why": f"{gone.name} → {kept.name}"},
        )


def _move_members(kept: Organisation, gone: Organisation, user: User) -> None:
    for membership in gone.memberships.select_related("user").order_by("pk"):
        add_member(organisation=kept, user=membership.user, role=membership.role, actor=user)
        membership.delete()
        set_association_group(membership.user)


def _move_sheet_rows(kept: Organisation, gone: Organisation) -> None:
    """What waits for its files goes behind the rows that the other has."""
    last = kept.sheet_rows.aggregate(Max("number"))["number__max"] or 0
    gone.sheet_rows.update(organisation=kept, number=F("number") + last)


def _require_empty(gone: Organisation) -> None:
    """Raise OrganisationRefused when something still belongs to it that nobody has moved.

    A cascade would delete it without a word.
    """
    uses = [
        str(relation.related_model._meta.verbose_name_plural)
        for relation in gone._meta.related_objects
        if relation.related_model._base_manager.filter(**{relation.field.name: gone}).exists()
    ]
    if uses:
        raise OrganisationRefused(
            _("“%(name)s” can't be merged into another: it has %(uses)s. Nothing was changed.")
            % {"name": gone, "uses": "、".join(uses)}
        )
