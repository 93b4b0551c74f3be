"""The rule of an edition's awards as a form, and what a stranger objects to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from competition.awards.keeping import AwardsRefused
from competition.awards.models import AwardCategory, AwardList, AwardRule, Objection
from competition.awards.objections import MOST_PICTURES, check_evidence
from competition.awards.queries import find_objectionable
from competition.awards.rulebook import COMBINED, WEIGHTED, Caps, Category, Rule
from competition.editions.models import Section
from competition.entries.models import Entry

WEIGHTS = {COMBINED: ["jury_weight"], WEIGHTED: ["expert_weight", "industry_weight"]}
CAPS = {
    "per_organisation": "organisation",
    "per_association": "association",
    "per_author": "author",
}
TOO_HEAVY = _("Both panels together weigh at most 100 %%, not %(sum)s; the public has the rest.")


@dataclass(frozen=True)
class CategoryFields:
    """A category with its fields of the form, to be shown together."""

    category: AwardCategory
    fields: list[forms.BoundField]


class RuleForm(forms.Form):
    """Prefilled with the rule in force; `rule()` is the one that was asked for."""

    def __init__(
        self,
        *args: Any,
        rule: Rule,
        categories: Sequence[AwardCategory],
        sections: Sequence[Section],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.in_force, self.sections = rule, sections
        self.titles = {category.code: category for category in categories}
        for category in rule.categories:
            for section in sections:
                self.fields[f"{category.code}-places-{section.pk}"] = forms.IntegerField(
                    label=_("Places: %(section)s") % {"section": section},
                    min_value=0,
                    max_value=9999,
                    initial=category.places.get(section.pk, 0),
                )
            for name in [*WEIGHTS.get(category.source, []), "jury_floor"]:
                self.fields[f"{category.code}-{name}"] = forms.IntegerField(
                    label=AwardCategory._meta.get_field(name).verbose_name,
                    min_value=0,
                    max_value=100,
                    initial=getattr(category, name),
                )
        for name, cap in CAPS.items():
            self.fields[name] = forms.IntegerField(
                label=AwardRule._meta.get_field(name).verbose_name,
                help_text=AwardRule._meta.get_field(name).help_text,
                min_value=0,
                max_value=9999,
                initial=getattr(rule.caps, cap),
            )
        hold_two = AwardRule._meta.get_field("may_hold_two")
        self.fields["may_hold_two"] = forms.BooleanField(
            label=hold_two.verbose_name,
            help_text=hold_two.help_text,
            required=False,
            initial=rule.may_hold_two,
        )

    def by_category(self) -> list[CategoryFields]:
        """Return the fields of each category, in the order of selection."""
        return [
            CategoryFields(
                self.titles[one.code],
                [self[name] for name in self.fields if name.startswith(f"{one.code}-")],
            )
            for one in self.in_force.categories
        ]

    def of_all(self) -> list[forms.BoundField]:
        """Return the fields that hold for all categories together."""
        return [self[name] for name in [*CAPS, "may_hold_two"]]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for code in self.titles:
            panels = [values.get(f"{code}-{name}") or 0 for name in WEIGHTS[WEIGHTED]]
            if sum(panels) > 100:
                self.add_error(f"{code}-industry_weight", TOO_HEAVY % {"sum": sum(panels)})
        return values

    def rule(self) -> Rule:
        """Return the rule asked for. The form is valid."""
        given = self.cleaned_data
        return replace(
            self.in_force,
            categories=tuple(self._category(one) for one in self.in_force.categories),
            may_hold_two=given["may_hold_two"],
            caps=Caps(**{cap: given[name] for name, cap in CAPS.items()}),
        )

    def _category(self, category: Category) -> Category:
        given = self.cleaned_data
        asked = {one: given[f"{category.code}-places-{one.pk}"] for one in self.sections}
        names = [*WEIGHTS.get(category.source, []), "jury_floor"]
        return replace(
            category,
            places={section.pk: places for section, places in asked.items() if places},
            **{name: given[f"{category.code}-{name}"] for name in names},
        )


class PicturesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class PicturesField(forms.FileField):
    """Some pictures; each is told at once what its name and size say of it."""

    widget = PicturesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [one for one in data or [] if one]
        if len(files) > MOST_PICTURES:
            raise forms.ValidationError(
                _("At most %(most)s pictures, not %(count)s. Choose again; your text is kept.")
                % {"most": MOST_PICTURES, "count": len(files)}
            )
        problems = []
        for file in files:
            try:
                check_evidence(file.name, file.size)
            except AwardsRefused as refusal:
                problems += refusal.messages
        if problems:
            raise forms.ValidationError(
                [*problems, _("Choose the pictures again; your text is kept.")]
            )
        return files


class ObjectionForm(forms.Form):
    """What somebody has against the awards on notice."""

    work = forms.CharField(
        label=_("Number of the work"),
        max_length=20,
        required=False,
        help_text=_("As it stands on the notice. Leave it empty if it is about the whole."),
    )
    ground = forms.ChoiceField(
        label=_("What is wrong"), choices=[("", "—"), *Objection.Ground.choices]
    )
    text = forms.CharField(
        label=_("What you know, and from where"),
        max_length=4000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("Facts that can be looked into: what, when, where it was published before."),
    )
    evidence = PicturesField(
        label=_("Pictures that show it"),
        required=False,
        help_text=_("Up to 5, each at most 20 MB: screenshots, photographs, scanned pages."),
        widget=PicturesInput({"accept": "image/*,.heic,.heif", "multiple": True}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("For questions of the organiser's; it is never published."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, award_list: AwardList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.award_list = award_list

    def clean_work(self) -> Entry | None:
        number = self.cleaned_data["work"].strip().upper()
        if not number:
            return None
        entry = find_objectionable(self.award_list, number)
        if entry is None:
            raise forms.ValidationError(
                _("No work on show has this number. Look it up on the notice, or leave it empty.")
            )
        return entry
