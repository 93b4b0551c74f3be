"""The organiser's import: choose a file, look at every row, confirm."""

import csv
from collections import Counter
from dataclasses import asdict
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permissions import policy_registry

from competition.organisations.bulk_import import apply_import, digest, plan_import
from competition.organisations.checks import OrganisationRefused
from competition.organisations.importing import (
    COLUMNS,
    MOST_ROWS,
    HeaderMissing,
    Line,
    Outcome,
    Row,
    Trouble,
    read_rows,
)
from competition.organisations.models import Organisation
from portal.sheet_reader import SheetRefused, read_table

KEPT = "organisations_import"  # the rows between looking and confirming, in the session
TROUBLES = {
    Trouble.KIND: gettext_lazy("The kind “%(value)s” is unknown: write 地方协会 or 企业."),
    Trouble.NO_NAME: gettext_lazy("The name is missing."),
    Trouble.TOO_LONG: gettext_lazy("Too long: %(value)s."),
    Trouble.TWICE: gettext_lazy("Row %(value)s has the same name."),
    Trouble.ASSOCIATION_ABOVE: gettext_lazy("An association belongs to no other: leave it empty."),
    Trouble.NO_SUCH_ASSOCIATION: gettext_lazy(
        "There is no association “%(value)s”, neither here nor in a row without problems."
    ),
    Trouble.OTHER_KIND: gettext_lazy("“%(value)s” is here already, as the other kind."),
    Trouble.EMAIL: gettext_lazy("“%(value)s” is not an e-mail address."),
}
ROWS_A_PAGE = 200
OUTCOMES = {
    Outcome.PROBLEM: gettext_lazy("Problem, left out"),
    Outcome.NEW: gettext_lazy("New"),
    Outcome.CHANGED: gettext_lazy("Changed"),
    Outcome.SAME: gettext_lazy("As it is"),
}
FIELDS = {
    "name": gettext_lazy("Name"),
    "association": gettext_lazy("Local association"),
    "province": gettext_lazy("Province"),
    "contact_phone": gettext_lazy("Contact phone"),
    "manager_email": gettext_lazy("E-mail address"),
}


class SheetForm(forms.Form):
    """The file to look at."""

    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        help_text=gettext_lazy("XLSX or CSV, 5,000 rows and 5 MB at most."),
    )


class ImportMixin(PermissionCheckedMixin):
    """Only for who may add organisations."""

    permission_required = "add"

    @property
    def permission_policy(self) -> Any:
        return policy_registry.get_by_type(Organisation)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse("organisations:index"),
            "label": capfirst(Organisation._meta.verbose_name_plural),
        }
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]


class ImportView(ImportMixin, WagtailAdminTemplateMixin, FormView):
    """Reads the file, and leads on to the plan; nothing is written."""

    form_class = SheetForm
    template_name = "competition_admin/import.html"
    page_title = gettext_lazy("Import organisations")
    header_icon = "group"

    def form_valid(self, form: SheetForm) -> HttpResponse:
        try:
            table = read_table(form.cleaned_data["file"], most_rows=MOST_ROWS + 1)
            rows = read_rows([[str(cell) for cell in row] for row in table])
        except SheetRefused as refusal:
            form.add_error("file", str(refusal))
        except HeaderMissing as missing:
            words = "、".join(COLUMNS[name][0] for name in missing.columns)
            form.add_error(
                "file",
                _("The first row must name the columns. Missing: %(columns)s.")
                % {"columns": words},
            )
        else:
            if rows:
                self.request.session[KEPT] = [asdict(row) for row in rows]
                return redirect("competition_organisations_import_plan")
            form.add_error("file", _("The table has no rows below its header."))
        return self.form_invalid(form)


class ImportPlanView(ImportMixin, WagtailAdminTemplateMixin, FormView):
    """Names what would come of each row, and does it on confirmation."""

    form_class = forms.Form
    template_name = "competition_admin/import_plan.html"
    page_title = gettext_lazy("What the import would do")
    header_icon = "group"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.rows = [Row(**row) for row in request.session.get(KEPT, [])]
        if not self.rows:
            return redirect("competition_organisations_import")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        seen = self.request.POST.get("seen", "")
        try:
            count = apply_import(rows=self.rows, seen=seen, user=self.request.user)
        except OrganisationRefused as refusal:
            for message in refusal.messages:
                messages.error(self.request, message)
            return redirect("competition_organisations_import_plan")
        del self.request.session[KEPT]
        words = ngettext("%(n)d organisation was written.", "%(n)d were written.", count)
        messages.success(self.request, words % {"n": count})
        return redirect("organisations:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = plan_import(self.rows)
        counts = Counter(line.outcome for line in lines)
        wanted = self.request.GET.get("outcome")
        shown = [line for line in lines if line.outcome == wanted] if wanted in OUTCOMES else lines
        page = WagtailPaginator(shown, ROWS_A_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            lines=[(line, OUTCOMES[line.outcome], explain(line)) for line in page],
            page=page,
            elided_page_range=page.paginator.get_elided_page_range(page.number),
            outcome=wanted,
            counts=[(outcome, OUTCOMES[outcome], counts[outcome]) for outcome in OUTCOMES],
            writes=counts[Outcome.NEW] + counts[Outcome.CHANGED],
            seen=digest(lines),
            back_url=reverse("competition_organisations_import"),
            **kwargs,
        )


class ImportTemplateView(ImportMixin, View):
    """A table with the right header, to fill in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="organisations.csv"'
        csv.writer(response).writerow([words[0] for words in COLUMNS.values()])
        return response


def explain(line: Line) -> list[str]:
    """Return what is wrong with the row, or what would change, in sentences."""
    sentences = []
    for trouble, value in line.troubles:
        shown = FIELDS[value] if trouble == Trouble.TOO_LONG else value
        sentences.append(TROUBLES[trouble] % {"value": shown})
    sentences += [
        f"{FIELDS[name]}: {before or '—'} → {after}"
        for name, (before, after) in line.changes.items()
    ]
    if line.invites:
        sentences.append(
            _("%(email)s is invited as manager by e-mail.") % {"email": line.row.manager_email}
        )
    return sentences
