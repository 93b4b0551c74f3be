"""What an organiser does to a round: assign it, close it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from competition.judging.models import Round
from competition.judging.queries import entries_of_round, round_progress, unscored_entries
from competition.judging.services import RoundRefused, assign_round, close_round
from portal.admin_views import ConfirmView


class RoundActionView(ConfirmView):
    """An action on one round; leads back to its progress."""

    model = Round
    refusals = (RoundRefused,)
    header_icon = "rotate"

    def get_success_url(self) -> str:
        return reverse("rounds:inspect", args=[self.object.pk])


class AssignRoundView(RoundActionView):
    page_title = button_label = _("Assign works to judges")
    success_message = _("%(result)d assignments were added.")

    def get_explanation(self) -> Any:
        return _(
            "%(works)d admitted works go to %(judges)d judges, %(readings)d of each panel a work. "
            "Nobody reads a work of their own organisation or association. What was assigned "
            "before stays; what is missing is added."
        ) % {
            "works": entries_of_round(self.object).count(),
            "judges": len(round_progress(self.object)),
            "readings": self.object.readings,
        }

    def perform(self, form: forms.Form) -> int:
        return assign_round(round=self.object, actor=self.request.user, seed=self.object.pk)


class CloseRoundView(RoundActionView):
    is_serious = True
    page_title = button_label = _("Close the round")
    success_message = _("The round is closed; its standings are frozen as %(result)s.")

    def get_explanation(self) -> Any:
        progress = round_progress(self.object)
        missing = sum(one.total - one.done for one in progress)
        unscored = unscored_entries(self.object).count()
        words = [
            _("No more scores are taken, for good, and the standings are frozen."),
            ngettext(
                "%(n)d scorecard is still missing; the means do without it.",
                "%(n)d scorecards are still missing; the means do without them.",
                missing,
            )
            % {"n": missing},
        ]
        if unscored:
            words.append(
                ngettext(
                    "%(n)d work has no scorecard at all and will have no standing.",
                    "%(n)d works have no scorecard at all and will have no standing.",
                    unscored,
                )
                % {"n": unscored}
            )
        return "\n".join(str(one) for one in words)

    def perform(self, form: forms.Form) -> Any:
        return close_round(round=self.object, actor=self.request.user)
