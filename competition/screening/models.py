"""The association's own round: its panel's cards, what it may forward, and its meeting."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition, Section
from competition.entries.models import Entry, EntryRevision
from competition.organisations.models import Organisation
from portal.i18n import TranslatedText


class ForwardingQuota(models.Model):
    """An exception for one association from its section's `forwarded_per_association`."""

    section = models.ForeignKey(
        Section,
        verbose_name=_("section"),
        on_delete=models.CASCADE,
        related_name="forwarding_quotas",
    )
    association = models.ForeignKey(
        Organisation,
        verbose_name=_("local association"),
        on_delete=models.CASCADE,
        related_name="forwarding_quotas",
    )
    places = models.PositiveIntegerField(_("places"), help_text=_("0: no limit."))

    class Meta:
        verbose_name = _("forwarding quota")
        verbose_name_plural = _("forwarding quotas")
        constraints = [
            models.UniqueConstraint(
                fields=["section", "association"], name="one_quota_a_section_and_association"
            )
        ]

    def __str__(self) -> str:
        return f"{self.association_id}/{self.section_id}: {self.places}"


class Forwarding(models.Model):
    """A forwarded work holds one numbered place of its association, until it is withdrawn.

    The number is what keeps a quota in the database: two works can't hold the same place.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="forwarding")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="forwardings")
    association = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="forwardings"
    )
    place = models.PositiveIntegerField(_("place"))
    forwarded_at = models.DateTimeField(_("forwarded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("forwarding")
        verbose_name_plural = _("forwardings")
        constraints = [
            models.UniqueConstraint(
                fields=["association", "section", "place"], name="one_forwarding_a_place"
            ),
            models.CheckConstraint(
                condition=Q(place__gte=1), name="forwarding_places_count_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.place}"


class ScreeningCriterion(models.Model):
    """What an association scores by, where it does not use the edition's criteria."""

    association = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="screening_criteria"
    )
    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="screening_criteria"
    )
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("title in English"), max_length=40, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1)]
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    local_title = TranslatedText("title")
    local_description = ""

    class Meta:
        verbose_name = _("screening criterion")
        verbose_name_plural = _("screening criteria")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.local_title)

    @property
    def code(self) -> str:
        """Return what scores name it by; no code of an edition has a colon."""
        return f"own:{self.pk}"


class ScreeningCard(models.Model):
    """What one screener gives one revision of a work; it may be incomplete."""

    revision = models.ForeignKey(
        EntryRevision, on_delete=models.PROTECT, related_name="screening_cards"
    )
    screener = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="screening_cards"
    )
    advice = models.TextField(_("advice"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("scored at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("screening card")
        verbose_name_plural = _("screening cards")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "screener"], name="one_card_a_revision_and_screener"
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision_id}/{self.screener_id}"


class ScreeningScore(models.Model):
    """One number on a card. `criterion` is a code: of the edition, or of the association's own."""

    card = models.ForeignKey(ScreeningCard, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(_("criterion"), max_length=24)
    value = models.PositiveSmallIntegerField(_("score"))

    class Meta:
        verbose_name = _("screening score")
        verbose_name_plural = _("screening scores")
        constraints = [
            models.UniqueConstraint(
                fields=["card", "criterion"], name="one_score_a_card_and_criterion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"


class Meeting(models.Model):
    """The panel looks at one work together: the projector sets it, phones follow."""

    association = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="meetings")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="meetings")
    entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    shows_names = models.BooleanField(_("author and company are shown"), default=False)
    shows_scores = models.BooleanField(_("scores are shown"), default=False)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("screening meeting")
        verbose_name_plural = _("screening meetings")
        constraints = [
            models.UniqueConstraint(
                fields=["association", "edition"], name="one_meeting_an_association_and_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.association_id}/{self.edition_id}"
