"""The organiser's screens of panels with their judges, and of rounds with their progress."""

import re
from email.utils import formataddr, getaddresses
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn

from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.entries.states import State
from competition.judging.models import Judge, Panel, Round
from competition.judging.queries import (
    RoundState,
    entries_of_round,
    round_progress,
    round_state,
    unscored_entries,
    waits_for,
)
from competition.judging.running import pick_works
from competition.judging.services import add_judge, remove_judge
from portal.accounts.models import User
from portal.admin_views import InspectView, RoomViewSet, WayColumn

ROUND_STATES = {
    RoundState.WAITING: _("Not open yet"),
    RoundState.OPEN: _("Open"),
    RoundState.PAUSED: _("Paused"),
    RoundState.CLOSED: _("Closed"),
}


class PanelForm(WagtailAdminModelForm):
    """A panel and its judges, one e-mail address a line; a name before it is for reading."""

    judges = forms.CharField(
        label=_("Judges"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "One e-mail address a line. Each person must have registered on the site. "
            "A judge who has works to score can't be taken off: let them leave on the round's page."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = {}
        if self.instance.pk:
            self.kept = {one.user: one for one in self.present()}
        self.initial["judges"] = "\n".join(
            formataddr((user.get_full_name(), user.email), "utf-8")
            if user.get_full_name().isascii()
            else f"{user.get_full_name()} <{user.email}>"
            for user in self.kept
        )

    def present(self) -> QuerySet[Judge]:
        return self.instance.judges.filter(left_at=None).select_related("user")

    def clean_judges(self) -> list[User]:
        """Return the people. Refuse an address that nobody registered."""
        lines = self.cleaned_data["judges"].replace("，", ",").splitlines()
        emails = [email.lower() for _name, email in getaddresses(lines) if email]
        people = {user.email.lower(): user for user in User.objects.filter(email__in=emails)}
        unknown = [email for email in emails if email not in people]
        if unknown:
            raise ValidationError(
                _("Nobody has registered with %(emails)s. Ask them to register, then add them.")
                % {"emails": "、".join(unknown)}
            )
        return list(people.values())

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        wanted = values.get("judges", list(self.kept))
        self.leaving = [judge for user, judge in self.kept.items() if user not in wanted]
        busy = [str(judge) for judge in self.leaving if judge.assignments.exists()]
        if busy:
            self.add_error(
                "judges",
                _("%(judges)s can't be taken off: works were assigned to them. Nothing was saved.")
                % {"judges": "、".join(busy)},
            )
        return values

    @transaction.atomic
    def save(self, commit: bool = True) -> Panel:
        panel = super().save(commit)
        for judge in self.leaving:
            remove_judge(judge=judge, actor=self.for_user)
        for user in self.cleaned_data["judges"]:
            add_judge(panel=panel, user=user, actor=self.for_user)
        return panel


class EditionFilterSet(WagtailFilterSet):
    edition = django_filters.ModelChoiceFilter(label=_("Edition"), queryset=Edition.objects.all())


class PanelViewSet(RoomViewSet):
    model = Panel
    name = "panels"
    icon = "user"
    menu_order = 40
    list_display = [
        "title",
        "edition",
        "kind",
        NumberColumn("judge_count", label=_("Judges")),
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("edition"),
                    FieldPanel("kind"),
                    FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
                ],
                heading=_("Panel"),
            ),
            FieldPanel("judges"),
        ],
        base_form_class=PanelForm,
    )

    @staticmethod
    def rows(panels: QuerySet[Panel]) -> QuerySet[Panel]:
        return panels.select_related("edition").annotate(
            judge_count=Count("judges", filter=Q(judges__left_at=None))
        )


class RoundForm(WagtailAdminModelForm):
    """A round; sections and panels are its edition's. Once assigned, they stay."""

    FIXED_ONCE_ASSIGNED = ("edition", "kind", "sections", "takes", "earlier", "least")

    numbers = forms.CharField(
        label=_("Hand-picked works"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Work numbers; these go on besides what the rule takes."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sections", "panels"):
            choices = self.fields[name]
            rows = choices.queryset.select_related("edition").order_by("-edition", "pk")
            choices.queryset = rows
            choices.label_from_instance = lambda row: f"{row.edition} · {row}"
            if self.instance.pk:
                choices.queryset = rows.filter(edition=self.instance.edition)
        if self.instance.assigned_at:
            for name in self.FIXED_ONCE_ASSIGNED:
                self.fields[name].disabled = True
        earlier = self.fields["earlier"]
        earlier.queryset = Round.objects.select_related("edition").order_by("-edition", "number")
        earlier.label_from_instance = lambda row: f"{row.edition} · {row}"
        if self.instance.pk:
            earlier.queryset = earlier.queryset.filter(
                edition=self.instance.edition, number__lt=self.instance.number
            )
            numbers = self.instance.picked.order_by("number").values_list("number", flat=True)
            self.initial["numbers"] = " ".join(numbers)
        if self.instance.closed_at:
            for field in self.fields.values():
                field.disabled = True

    def clean_numbers(self) -> list[Entry]:
        """Return the works. Refuse a number that no admitted work of the sections has, and to
        drop a work once judges may have read it.
        """
        numbers = set(re.split(r"[\s,，、;；]+", self.cleaned_data["numbers"])) - {""}
        sections = self.cleaned_data.get("sections") or Section.objects.none()
        picked = self.instance.picked.all() if self.instance.pk else Entry.objects.none()
        admitted = Q(section__in=sections, state=State.ADMITTED)
        works = list(
            Entry.objects.filter(admitted | Q(pk__in=picked.values("pk")), number__in=numbers)
        )
        self._refuse_numbers(
            numbers - {work.number for work in works},
            _("These are no admitted works of the sections above: %(numbers)s."),
        )
        if self.instance.assigned_at:
            self._refuse_numbers(
                {work.number for work in picked} - numbers,
                _("The round is assigned, so these stay picked: %(numbers)s. Write them again."),
            )
        return works

    def _refuse_numbers(self, numbers: set[str], words: Any) -> None:
        if numbers:
            raise ValidationError(words % {"numbers": "、".join(sorted(numbers))})

    @transaction.atomic
    def save(self, commit: bool = True) -> Round:
        round = super().save(commit)
        if commit:
            pick_works(round=round, works=self.cleaned_data["numbers"], actor=self.for_user)
        return round

    def _check_takes(self, values: dict[str, Any]) -> None:
        earlier, takes = values.get("earlier"), values.get("takes")
        if takes != Round.Takes.ALL and earlier is None:
            self.add_error("earlier", _("Say which round's works this one takes."))
        if takes == Round.Takes.LEAST and values.get("least") is None:
            self.add_error("least", _("Say the least value in the earlier round."))
        if earlier is not None and (
            earlier.edition != values.get("edition") or earlier.number >= values.get("number", 0)
        ):
            self.add_error("earlier", _("Choose an earlier round of the same edition."))

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        self._check_takes(values)
        edition = values.get("edition")
        rows = self.formsets["places"].forms if "places" in self.formsets else []
        chosen = [row.cleaned_data.get("section") for row in rows if row.is_valid()]
        if edition and any(one and one.edition_id != edition.pk for one in chosen):
            self.add_error(None, _("Choose only what belongs to the round's edition."))
        for name in ("sections", "panels") if edition else ():
            if any(row.edition_id != edition.pk for row in values.get(name, ())):
                self.add_error(name, _("Choose only what belongs to the round's edition."))
        return values


class RoundInspectView(InspectView):
    """How far each judge is, and what to do next."""

    template_name = "competition_admin/round.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        progress = round_progress(self.object)
        may_change = self.user_has_permission("change") and not self.object.closed_at
        return super().get_context_data(
            state=ROUND_STATES[round_state(self.object)],
            phase=find_phase(self.object.edition, Phase.Kind.JUDGING),
            waits_for=waits_for(self.object),
            progress=progress,
            done=sum(one.done for one in progress),
            total=sum(one.total for one in progress),
            works=entries_of_round(self.object).count(),
            unscored=unscored_entries(self.object).count(),
            standings=self.object.standing_lists.order_by("-version"),
            may_change=may_change,
            **kwargs,
        )


class RoundStateColumn(Column):
    def get_value(self, instance: Round) -> Any:
        return ROUND_STATES[round_state(instance)]


class RoundViewSet(RoomViewSet):
    model = Round
    name = "rounds"
    icon = "rotate"
    menu_order = 50
    inspect_view_enabled = True
    inspect_view_class = RoundInspectView
    list_display = [
        "title",
        "edition",
        "number",
        RoundStateColumn("state", label=_("State")),
        DateColumn("assigned_at", label=_("Assigned at")),
        DateColumn("closed_at", label=_("Closed at")),
        WayColumn("way", text=_("Progress"), url_name="rounds:inspect"),
    ]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("edition"), FieldPanel("number")]),
                    FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
                    FieldPanel("kind"),
                ],
                heading=_("Round"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("sections", widget=CheckboxSelectMultiple),
                    FieldPanel("takes"),
                    FieldRowPanel([FieldPanel("earlier"), FieldPanel("least")]),
                    FieldPanel("numbers"),
                ],
                heading=_("Which works"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("panels", widget=CheckboxSelectMultiple),
                    FieldPanel("readings"),
                    FieldPanel("anchors"),
                    FieldPanel("shows_distribution"),
                ],
                heading=_("Who reads what"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("ranks_by"),
                    InlinePanel("places", label=_("Places in a section")),
                ],
                heading=_("What decides"),
            ),
        ],
        base_form_class=RoundForm,
    )

    @staticmethod
    def rows(rounds: QuerySet[Round]) -> QuerySet[Round]:
        return rounds.select_related("edition", "earlier").prefetch_related("edition__phases")
