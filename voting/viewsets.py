"""The organiser's screens of the public vote: its limits, and where it stands."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, DateColumn

from competition.entries.queries import with_pictures
from portal.admin_views import InspectView, RoomViewSet, WayColumn
from voting.clusters import WorkTotals, totals_by_work
from voting.models import Ballot, Poll
from voting.proofs.offers import what_is_missing
from voting.queries import entries_in, is_poll_open

FIXED_BY_SEALS = ("sections", "identity", "votes_per_day")
BATCHES_SHOWN = 10
IDENTITY_HELP = _(
    "Device: the browser does a small calculation, one press is enough; easiest to get round. "
    "E-mail: a code once for each voter; throw-away addresses remain. "
    "Text message: a code once for each voter; each costs you money. "
    "Sign-in: an account of Weixin or of a service of yours; no codes, and hard to get in bulk."
)


class PollForm(WagtailAdminModelForm):
    """A poll; its sections are those of its own edition, its identity one that works here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = self.fields["sections"]
        sections.queryset = sections.queryset.select_related("edition").order_by(
            "-edition", "position"
        )
        sections.label_from_instance = lambda section: f"{section.edition} · {section}"
        if self.instance.pk:
            self.fields["edition"].disabled = True
            sections.queryset = sections.queryset.filter(edition=self.instance.edition)
        for name in FIXED_BY_SEALS if self.instance.header else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _(
                "Votes are sealed already, and the ledger names the rule they were cast under: "
                "it stays as it is until the close."
            )
        if self.instance.closed_at:
            for field in self.fields.values():
                field.disabled = True

    def clean_identity(self) -> str:
        identity: str = self.cleaned_data["identity"]
        if "identity" not in self.changed_data and self.instance.pk:
            return identity
        if missing := what_is_missing(identity):
            raise ValidationError(missing)
        if self.instance.pk and self.instance.ballots.exists():
            raise ValidationError(
                _(
                    "There are ballots already, and voters known in another way could vote again. "
                    "The poll stays as it is."
                )
            )
        return identity

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        edition = values.get("edition")
        if edition and any(one.edition_id != edition.pk for one in values.get("sections", ())):
            self.add_error("sections", ValidationError(_("Choose sections of the poll's edition.")))
        return values


class PollInspectView(InspectView):
    """The live count, for the organiser's eyes only."""

    template_name = "competition_admin/poll.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        totals = totals_by_work(self.object)
        works = with_pictures(entries_in(self.object))
        found = [(work, totals.get(work.pk, WorkTotals())) for work in works]
        lines = [{"work": work, "votes": its.counted, "totals": its} for work, its in found]
        ballots = self.object.ballots
        return super().get_context_data(
            lines=sorted(lines, key=lambda line: (-line["votes"], line["work"].number)),
            is_open=is_poll_open(self.object),
            counted=sum(its.counted for its in totals.values()),
            quarantined=sum(its.quarantined for its in totals.values()),
            void=sum(its.void for its in totals.values()),
            voters=ballots.filter(status=Ballot.Status.COUNTED).values("voter").distinct().count(),
            may_review=self.user_has_permission("change"),
            may_close=self.user_has_permission("change") and self.object.closed_at is None,
            may_publish=self.user_has_permission("change") and self.object.closed_at is not None,
            ledgers=self.object.ledgers.order_by("-version"),
            batches=self.object.batches.order_by("-number").defer("hashes")[:BATCHES_SHOWN],
            **kwargs,
        )


class PollViewSet(RoomViewSet):
    model = Poll
    name = "polls"
    icon = "tick-inverse"
    menu_hook = "register_competition_menu_item"
    menu_order = 60
    inspect_view_enabled = True
    inspect_view_class = PollInspectView
    list_display = [
        "edition",
        "votes_per_day",
        BooleanColumn("shows_totals", label=_("Totals visible")),
        DateColumn("closed_at", label=_("Closed at")),
        WayColumn("way", text=_("Votes"), url_name="polls:inspect"),
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("edition"),
                    FieldPanel("sections", widget=CheckboxSelectMultiple),
                ],
                heading=_("What is voted on"),
                help_text=_("The vote is open while the edition's voting phase is."),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("identity", help_text=IDENTITY_HELP),
                    FieldPanel("votes_per_day"),
                    FieldPanel("shows_totals"),
                ],
                heading=_("Limits"),
            ),
        ],
        base_form_class=PollForm,
    )

    @staticmethod
    def rows(polls: QuerySet[Poll]) -> QuerySet[Poll]:
        return polls.select_related("edition")
