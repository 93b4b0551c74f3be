"""The organiser's look at the screening: each association's places and progress, quotas to set."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition
from competition.screening.overview import AssociationLine, association_lines
from competition.screening.services import set_quotas
from portal.admin_views import ConfirmView

PREFIX = "places-"


class QuotasForm(forms.Form):
    """One number for each association and section; empty: the section's default."""

    def __init__(self, *args: Any, lines: list[AssociationLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            for cell in line.cells:
                self.fields[f"{PREFIX}{line.association.pk}-{cell.section.pk}"] = (
                    forms.IntegerField(
                        label=f"{line.association} · {cell.section}",
                        required=False,
                        min_value=0,
                        max_value=100_000,
                        initial=cell.exception,
                        widget=forms.NumberInput({"placeholder": cell.default}),
                    )
                )

    @property
    def quotas(self) -> dict[tuple[int, int], int | None]:
        """Return (association's pk, section's pk) -> places."""
        return {
            tuple(int(part) for part in name.removeprefix(PREFIX).split("-")): places
            for name, places in self.cleaned_data.items()
        }


class ForwardingView(ConfirmView):
    """All associations in one table, which is also the form of their quotas."""

    model = Edition
    page_title = _("Forwarding")
    header_icon = "group"
    template_name = "competition_admin/forwarding.html"
    form_class = QuotasForm
    button_label = _("Save the quotas")
    success_message = _("%(result)d quotas changed.")

    @cached_property
    def lines(self) -> list[AssociationLine]:
        return association_lines(self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"lines": self.lines}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        rows = [
            (line, [(cell, form[f"{PREFIX}{line.association.pk}-{cell.section.pk}"])
                    for cell in line.cells])
            for line in self.lines
        ]  # fmt: skip
        return context | {"rows": rows, "sections": self.object.sections.all()}

    def perform(self, form: QuotasForm) -> int:
        return set_quotas(edition=self.object, actor=self.request.user, quotas=form.quotas)

    def get_success_url(self) -> str:
        return self.request.path
