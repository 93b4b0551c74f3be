"""What an organiser fills in for an edition."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminAutoHeightTextInput

from competition.editions.checks import off_scale
from competition.editions.models import Edition
from competition.editions.queries import current_declaration
from media_processing.rules import PHOTO_FORMATS, VIDEO_FORMATS

PREFIX = "score-"  # of a criterion's field
LARGEST_ROW = 10  # more scores than this don't fit in a row of buttons
FORMAT_CHOICES = [
    (_("Photo"), [(name, name.upper()) for name in PHOTO_FORMATS]),
    (_("Video"), [(name, name.upper()) for name in VIDEO_FORMATS]),
]


class EditionForm(WagtailAdminModelForm):
    """The edition itself; sections, phases and criteria are formsets within it.

    A rights declaration is a row of its own: what this form says becomes the next version.
    """

    rights_declaration = forms.CharField(
        label=_("rights declaration"),
        widget=AdminAutoHeightTextInput,
        help_text=_("What an entrant accepts on submitting a work."),
    )
    rights_declaration_en = forms.CharField(
        label=_("rights declaration in English"), widget=AdminAutoHeightTextInput, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declaration = current_declaration(self.instance) if self.instance.pk else None
        if declaration:
            self.initial["rights_declaration"] = declaration.text
            self.initial["rights_declaration_en"] = declaration.text_en
            self.fields["rights_declaration"].help_text = _(
                "Version %(number)s is in force since %(since)s. A changed text is the next "
                "version at once: works submitted earlier keep the one they accepted."
            ) % {
                "number": declaration.number,
                "since": date_format(localtime(declaration.published_at), "Y-m-d H:i"),
            }

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        lowest, highest = values.get("score_min"), values.get("score_max")
        if lowest is not None and highest is not None and highest <= lowest:
            self.add_error("score_max", _("The highest score must be above the lowest."))
        self._keep_the_promise(values.get("feedback"))
        return values

    def _keep_the_promise(self, feedback: str | None) -> None:
        """Judges were told who reads their notes; notes written for the organiser stay so."""
        comments = Edition.Feedback.COMMENTS
        if feedback != comments or self.initial.get("feedback") == comments:
            return
        written = {"assignments__scorecard__note__gt": ""}
        if self.instance.pk and self.instance.rounds.filter(**written).exists():
            self.add_error(
                "feedback",
                _(
                    "Judges have written notes already and were told that entrants don't see "
                    "them. Choose the mean scores, or nothing."
                ),
            )


class SectionForm(WagtailAdminModelForm):
    """A section; its formats are boxes to tick."""

    formats = forms.MultipleChoiceField(
        label=_("formats allowed"),
        choices=FORMAT_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "room-boxes"}),
        help_text=_("None ticked: every format we can read. A video section takes video formats."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        _refuse_reversed(self, "min_frames", "max_frames", _("More frames at least than at most."))
        if values.get("max_seconds"):
            _refuse_reversed(
                self, "min_seconds", "max_seconds", _("More seconds at least than at most.")
            )
        return values


class PhaseForm(WagtailAdminModelForm):
    """A window of time."""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        opens_at, closes_at = values.get("opens_at"), values.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("A phase closes after it opens."))
        return values


class CopyForm(forms.ModelForm):
    """What next year's edition is called, and how much later it runs."""

    shift_days = forms.IntegerField(
        label=_("Phases move by (days)"),
        initial=365,
        min_value=0,
        max_value=3650,
        help_text=_("364 days keep the day of the week."),
    )

    class Meta:
        model = Edition
        fields = ["slug", "title", "title_en"]

    field_order = ["title", "title_en", "slug", "shift_days"]


def _refuse_reversed(form: forms.ModelForm, low: str, high: str, message: Any) -> None:
    least, most = form.cleaned_data.get(low), form.cleaned_data.get(high)
    if least is not None and most is not None and least > most:
        form.add_error(high, ValidationError(message))


class ScoresForm(forms.Form):
    """One field a criterion, beside whatever else a panel's sheet asks for."""

    def __init__(
        self,
        *args: Any,
        edition: Edition,
        criteria: Iterable[Any],
        given: Mapping[str, int],
        initial: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        scores = {PREFIX + code: value for code, value in given.items()}
        super().__init__(*args, initial={**initial, **scores}, **kwargs)
        for criterion in criteria:
            self.fields[PREFIX + criterion.code] = score_field(edition, criterion)

    @property
    def score_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def scores(self) -> dict[str, int]:
        """Return the scores given, by criterion code; those left out are not in it."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value is not None
        }

    @property
    def messages(self) -> list[str]:
        """Return what could not be read, as sentences."""
        return [str(message) for errors in self.errors.values() for message in errors]


def score_field(edition: Edition, criterion: Any) -> forms.Field:
    """Return the field of one score: a row of buttons, or a number where the scale is long.

    `criterion` is the edition's, or an association's own: it has a `local_title`.
    """
    lowest, highest = edition.score_min, edition.score_max
    field = forms.IntegerField(
        label=criterion.local_title,
        required=False,
        error_messages={"invalid": off_scale(edition)},
    )
    if highest - lowest < LARGEST_ROW:
        scale = [(value, str(value)) for value in range(lowest, highest + 1)]
        field.widget = forms.RadioSelect(choices=scale)
        field.is_row = True
    else:
        field.widget = forms.NumberInput({"min": lowest, "max": highest, "inputmode": "numeric"})
    field.criterion = criterion
    return field
