"""What an organiser does to a round: assign it, let a judge leave it, close it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Section
from competition.entries.models import Entry
from competition.judging.assigning import Plan, assign_round, leave, plan_round, recuse, rounds_of
from competition.judging.cuts_shown import taken_by
from competition.judging.evaluation import Evaluation
from competition.judging.models import Judge, Panel, Round
from competition.judging.queries import (
    entries_of_round,
    round_progress,
    unscored_entries,
    works_by_readings,
)
from competition.judging.running import pause_round, resume_round
from competition.judging.services import JudgingRefused, RoundRefused, close_round
from portal.admin_views import ConfirmView

SHOWN_SHORT = 20  # works that lack readings, on the page of a plan


class RoundActionView(ConfirmView):
    """An action on one round; leads back to its progress."""

    model = Round
    refusals = (RoundRefused,)
    header_icon = "rotate"

    def get_success_url(self) -> str:
        return reverse("rounds:inspect", args=[self.object.pk])


class PlannedView(ConfirmView):
    """Shows each plan (load now and after, what judges share) before anything is written."""

    template_name = "competition_admin/plans.html"
    header_icon = "rotate"

    def get_plans(self) -> list[Plan]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plans = [_PlanShown.of(plan) for plan in self.get_plans()]
        return super().get_context_data(plans=plans, **kwargs)


class AssignRoundView(PlannedView, RoundActionView):
    page_title = button_label = _("Assign works to judges")
    success_message = _("%(result)d assignments were added.")

    def get_explanation(self) -> Any:
        return _(
            "%(works)d admitted works go to %(judges)d judges, %(readings)d of each panel a work. "
            "Nobody reads a work of their own organisation or association, nor one they stand "
            "aside from. Scores stay; works not scored yet move only as far as the table shows."
        ) % {
            "works": entries_of_round(self.object).count(),
            "judges": sum(one.judge.left_at is None for one in round_progress(self.object)),
            "readings": self.object.readings,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cuts=taken_by(self.object), picked=self.object.picked.count(), **kwargs
        )

    def get_plans(self) -> list[Plan]:
        return [] if self.object.closed_at else [plan_round(self.object, seed=self.object.pk)]

    def perform(self, form: forms.Form) -> int:
        return assign_round(round=self.object, actor=self.request.user, seed=self.object.pk)


class LeaveView(PlannedView):
    """A judge leaves the panel; what they have not scored goes to the others."""

    model = Judge
    refusals = (JudgingRefused,)
    is_serious = True
    page_title = button_label = _("Let the judge leave")
    success_message = _("%(object)s has left; %(result)d works went to other judges.")
    explanation = _(
        "The scores this judge has given stay and count. The works not scored yet go to other "
        "judges of the panel, as the table shows. Add the judge to the panel again to bring "
        "them back."
    )

    def get_success_url(self) -> str:
        return judge_url(self.object)

    def get_plans(self) -> list[Plan]:
        rounds = rounds_of(self.object)
        return [plan_round(one, seed=self.object.pk, without=self.object) for one in rounds]

    def perform(self, form: forms.Form) -> int:
        return leave(judge=self.object, actor=self.request.user, seed=self.object.pk)


class RecusalForm(forms.Form):
    """Which work of the panel's edition, by its number, and why."""

    number = forms.CharField(label=_("Work number"), max_length=12)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class RecuseView(ConfirmView):
    """The organiser takes a work from a judge who should not score it."""

    model = Judge
    refusals = (JudgingRefused,)
    header_icon = "rotate"
    form_class = RecusalForm
    page_title = button_label = _("Recuse the judge from a work")
    success_message = _("%(object)s does not score work %(result)s.")
    explanation = _(
        "The judge no longer sees the work, and another judge of the panel scores it instead. "
        "A work that the judge has scored already stays scored."
    )

    def get_success_url(self) -> str:
        return judge_url(self.object)

    def perform(self, form: forms.Form) -> str:
        number, reason = form.cleaned_data["number"].strip(), form.cleaned_data["reason"]
        edition = self.object.panel.edition_id
        entry = Entry.objects.filter(edition=edition, number=number).first()
        if entry is None:
            raise JudgingRefused(
                gettext("No work of this edition has the number %(number)s. Nothing was changed.")
                % {"number": number}
            )
        recuse(judge=self.object, entry=entry, user=self.request.user, reason=reason)
        return number


def judge_url(judge: Judge) -> str:
    """Return the page of the judge's latest round; without one, the list of panels."""
    latest = judge.panel.rounds.order_by("-number").first()
    return reverse("rounds:inspect", args=[latest.pk]) if latest else reverse("panels:index")


@dataclass(frozen=True)
class _PlanShown:
    """A plan as its table shows it. `short`: the first of (work, panel, readings it lacks)."""

    plan: Plan
    lines: list[dict[str, Any]]
    short: list[tuple[Entry, Panel, int]]
    short_total: int

    @classmethod
    def of(cls, plan: Plan) -> "_PlanShown":
        added = Counter(judge_id for judge_id, _entry in plan.diff.added)
        removed = Counter(judge_id for judge_id, _entry in plan.diff.removed)
        lines = [
            {
                "judge": judge,
                "before": plan.before.loads[judge.pk],
                "after": plan.after.loads.get(judge.pk),
                "added": added[judge.pk],
                "removed": removed[judge.pk],
            }
            for judge in plan.judges
        ]
        first = dict(list(plan.short.items())[:SHOWN_SHORT])
        entries = Entry.objects.in_bulk({entry_id for _panel, entry_id in first})
        panels = {judge.panel_id: judge.panel for judge in plan.judges}
        short = [
            (entries[entry_id], panels[panel_id], lacking)
            for (panel_id, entry_id), lacking in first.items()
        ]
        return cls(plan, lines, short, len(plan.short))


class PauseRoundView(RoundActionView):
    page_title = button_label = _("Pause the round")
    success_message = _("The round is paused.")
    explanation = _(
        "No scores are taken until you resume it. Judges can look at their works, and are told."
    )

    def perform(self, form: forms.Form) -> None:
        pause_round(round=self.object, actor=self.request.user)


class ResumeRoundView(RoundActionView):
    page_title = button_label = _("Resume the round")
    success_message = _("The round takes scores again.")
    explanation = _("Scores are taken again, until the judging phase ends or the round is closed.")

    def perform(self, form: forms.Form) -> None:
        resume_round(round=self.object, actor=self.request.user)


class CloseRoundView(RoundActionView):
    is_serious = True
    template_name = "competition_admin/closing.html"
    page_title = button_label = _("Close the round")
    success_message = _("The round is closed; its standings are frozen as %(result)s.")
    explanation = _(
        "No more scores are taken, for good, and the standings are frozen. The means do without "
        "the scorecards that are missing; works without any have no standing."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unscored = unscored_entries(self.object).select_related("section").order_by("number")
        return super().get_context_data(
            missing=[one for one in round_progress(self.object) if one.done < one.total],
            sections=_sureness(self.object),
            unscored=unscored[:SHOWN_SHORT],
            unscored_total=unscored.count(),
            **kwargs,
        )

    def perform(self, form: forms.Form) -> Any:
        return close_round(round=self.object, actor=self.request.user)


@dataclass(frozen=True)
class _Sureness:
    """What a section's ranks rest on. `counts`: (scorecards, works with so many, their median
    standard error in points or None); `unsure`: works that may be inside the cut or outside.
    """

    section: Section
    counts: list[tuple[int, int, float | None]]
    unsure: int


def _sureness(round: Round) -> list[_Sureness]:
    found = Evaluation.of(round)
    errors, unsure = found.errors_by_readings(), found.unsure()
    return [
        _Sureness(
            section,
            [(cards, works, errors.get((section.pk, cards))) for cards, works in counts.items()],
            unsure[section.pk],
        )
        for section, counts in works_by_readings(round)
    ]
