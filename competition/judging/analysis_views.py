"""What an organiser sees of a jury, and does about it."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.editions.models import Section
from competition.editions.weighing import weighted_mean
from competition.entries.models import Entry
from competition.judging.admin_views import RoundActionView
from competition.judging.analysis import analyse
from competition.judging.assigning import add_readings
from competition.judging.cut import cut_by_places
from competition.judging.cuts_shown import show
from competition.judging.evaluation import Evaluation, frozen_or_current
from competition.judging.matrix import matrix
from competition.judging.measures import measures_of
from competition.judging.models import Judge, Round
from competition.judging.reminding import Left, left_to_do, remind_judges
from competition.judging.running import move_cut
from competition.judging.scoring import Reading
from competition.judging.sheets import round_workbook, scorecards_csv

WORKS_A_PAGE = 50


class RoundPageView(
    PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView
):
    """A page about one round."""

    model = Round
    permission_required = "change"
    header_icon = "rotate"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        back = {"url": reverse("rounds:inspect", args=[self.object.pk]), "label": str(self.object)}
        return [*self.breadcrumbs_items, back, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)


class AnalysisView(RoundPageView):
    """How sure the ranks are, and who judges how; `?export=xlsx` or `csv` with every score."""

    page_title = _("Analysis")
    template_name = "competition_admin/analysis.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.GET.get("export") == "csv":
            return scorecards_csv(self.object)
        if request.GET.get("export") == "xlsx":
            return round_workbook(analyse(self.object))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = analyse(self.object)
        drawings = [
            (_("Severity"), SEVERITY, found.severities),
            (_("Agreement on each criterion"), AGREEMENT, found.agreements),
            (_("Spread"), SPREAD, found.spreads),
            (_("Drift"), DRIFT, found.drifts),
        ]
        return super().get_context_data(
            analysis=found,
            adjustment=found.evaluation.adjustment,
            drawings=[one for one in drawings if one[2]],
            **kwargs,
        )


SEVERITY = _(
    "By how many points a judge gives less than the panel would for the same works; "
    "to the right: strict. The bar holds the truth 95 times of 100."
)
AGREEMENT = _(
    "Krippendorff's alpha: 1 when judges give a work the same, 0 when as if by chance. "
    "0.67 is often asked for; taste in pictures gives less."
)
SPREAD = _("How widely a judge uses the scale: the standard deviation of the scores, in points.")
DRIFT = _(
    "By how many points a judge grows milder (right) or stricter (left) in a hundred works, "
    "compared with the others on the same works."
)


class MatrixView(RoundPageView):
    """Works and judges side by side, the widest disagreement first."""

    page_title = _("Score matrix")
    template_name = "competition_admin/matrix.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Evaluation.of(self.object)
        criteria = measures_of(self.object)
        sections = list(self.object.sections.all())
        shown = self.request.GET.get("criterion", "")
        section = self.request.GET.get("section", "")
        readings = found.readings
        if shown in [one.code for one in criteria]:
            readings = [
                Reading(one.judge_id, one.entry_id, value)
                for one in found.sheets
                if (value := weighted_mean(one.scores, {shown: 1})) is not None
            ]
        if section in [str(one.pk) for one in sections]:
            readings = [one for one in readings if str(found.sections[one.entry_id]) == section]
        page = Paginator(matrix(readings), WORKS_A_PAGE).get_page(self.request.GET.get("p"))
        judges = Judge.objects.filter(panel__rounds=self.object).select_related("user")
        readers = [one for one in judges if any(one.pk in row.values for row in page)]
        works = Entry.objects.in_bulk([row.entry_id for row in page])
        return super().get_context_data(
            criteria=criteria,
            sections=sections,
            shown=shown,
            section=section,
            page_obj=page,
            pages=page.paginator.get_elided_page_range(page.number),
            judges=readers,
            rows=[
                {
                    "work": works[row.entry_id],
                    "values": [row.values.get(one.pk) for one in readers],
                    "mean": row.mean,
                    "spread": row.spread,
                }
                for row in page
            ],
            **kwargs,
        )


class CutForm(forms.Form):
    """How many works of each section are inside the cut."""

    def __init__(self, *args: Any, sections: list[Section], places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in sections:
            self.fields[f"places-{section.pk}"] = forms.IntegerField(
                label=str(section),
                min_value=0,
                max_value=9999,
                required=False,
                initial=places.get(section.pk),
            )

    @property
    def places(self) -> dict[int, int]:
        """Return the numbers given, by section id."""
        return {
            int(name.removeprefix("places-")): count
            for name, count in self.cleaned_data.items()
            if count is not None
        }


class CutView(RoundActionView):
    """Where the cut of a round falls, before a later round takes who is inside."""

    template_name = "competition_admin/cut.html"
    form_class = CutForm
    page_title = _("The cut")
    button_label = _("Keep this cut")
    success_message = _("The cut is kept.")

    @cached_property
    def sections(self) -> list[Section]:
        return list(self.object.sections.all())

    @cached_property
    def kept(self) -> dict[int, int]:
        return dict(self.object.places.values_list("section", "places"))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.request.method == "GET" and self.request.GET:
            kwargs["data"] = self.request.GET  # a look, before it is kept
        return kwargs | {"sections": self.sections, "places": self.kept}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, lines = context["form"], frozen_or_current(self.object)
        places = form.places if form.is_bound and form.is_valid() else self.kept
        wanted = [one.pk for one in self.sections if one.pk in places]
        cuts = [cut_by_places(lines, pk, places[pk]) for pk in wanted]
        context["cuts"] = show(cuts, self.sections)
        return context

    def perform(self, form: CutForm) -> None:
        move_cut(round=self.object, places=form.places, actor=self.request.user)


class ChosenForm(forms.Form):
    """Rows that were ticked on the page before."""

    chosen = forms.ModelMultipleChoiceField(
        queryset=None, widget=forms.MultipleHiddenInput, error_messages={"required": ""}
    )

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = rows


class ChosenView(RoundActionView):
    """An action of a round on rows that were ticked; the first page asks, a second confirms."""

    form_class = ChosenForm

    def get_rows(self) -> Any:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": self.get_rows()}

    def get_initial(self) -> dict[str, Any]:
        return {"chosen": self.ticked(self.request.GET)}

    def ticked(self, data: QueryDict) -> list[str]:
        return [pk for pk in data.getlist("chosen") if pk.isdigit()]

    def get_success_url(self) -> str:
        return reverse("competition_round_analysis", args=[self.object.pk])


class ReadMoreView(ChosenView):
    """Each of the works goes to one more judge who has not read it."""

    page_title = button_label = _("Assign another reading")
    success_message = _("%(result)d readings were added.")

    def get_rows(self) -> Any:
        return Entry.objects.filter(assignments__round=self.object).distinct()

    def get_explanation(self) -> Any:
        numbers = list(
            self.get_rows()
            .filter(pk__in=self.ticked(self.request.GET))
            .order_by("number")
            .values_list("number", flat=True)
        )
        words = ngettext(
            "%(n)d work goes to one more judge who has not read it and may: %(numbers)s.",
            "%(n)d works go to one more judge each who has not read them and may: %(numbers)s.",
            len(numbers),
        )
        return words % {"n": len(numbers), "numbers": "、".join(numbers)}

    def perform(self, form: forms.Form) -> int:
        entries = form.cleaned_data["chosen"]
        return add_readings(round=self.object, entries=entries, user=self.request.user)


class RemindView(ChosenView):
    """Write to judges who have works to score."""

    page_title = button_label = _("Remind judges")
    success_message = _("%(result)d judges are written to.")

    def get_rows(self) -> Any:
        return Judge.objects.filter(panel__rounds=self.object, left_at=None)

    def get_initial(self) -> dict[str, Any]:
        ticked = self.ticked(self.request.GET)
        return {"chosen": ticked or [one.judge.pk for one in self.left]}

    @cached_property
    def left(self) -> list[Left]:
        return left_to_do(self.object)

    def get_explanation(self) -> Any:
        wanted = {str(pk) for pk in self.get_initial()["chosen"]}
        lines = [
            _("%(judge)s: %(works)d works, %(minutes)d minutes")
            % {"judge": one.judge, "works": one.works, "minutes": max(1, one.minutes)}
            for one in self.left
            if str(one.judge.pk) in wanted
        ]
        head = _("These judges get a mail that says what is left to score and until when:")
        return "\n".join(str(line) for line in [head, *lines])

    def perform(self, form: forms.Form) -> int:
        judges = form.cleaned_data["chosen"]
        return remind_judges(round=self.object, judges=judges, actor=self.request.user)
