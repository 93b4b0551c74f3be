"""What an organiser does to an edition beyond its form."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from competition.editions.forms import CopyForm
from competition.editions.models import Edition
from competition.editions.services import copy_edition
from portal.admin_views import ConfirmView


class CopyEditionView(ConfirmView):
    """Makes next year's edition out of this one."""

    model = Edition
    permission_required = "add"
    form_class = CopyForm
    page_title = _("Copy for next year")
    header_icon = "copy"
    explanation = _(
        "Copied are sections, phases, criteria, panels with judges, rounds, award categories and "
        "the poll's limits. Works, scores, votes and awards stay where they are."
    )
    button_label = _("Make the copy")
    success_message = _("“%(result)s” is there. Check its dates and theme now.")

    def get_form_kwargs(self) -> dict[str, Any]:
        titles = {"title": self.object.title, "title_en": self.object.title_en}
        return super().get_form_kwargs() | {"initial": titles}

    def perform(self, form: CopyForm) -> Edition:
        values = form.cleaned_data.copy()
        shift = timedelta(days=values.pop("shift_days"))
        self.copy = copy_edition(
            edition=self.object, shift=shift, actor=self.request.user, **values
        )
        return self.copy

    @cached_property
    def back_url(self) -> str:
        return reverse("editions:edit", args=[self.object.pk])

    def get_success_url(self) -> str:
        return reverse("editions:edit", args=[self.copy.pk])
