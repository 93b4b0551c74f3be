"""What judges doubt about works."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from competition.entries.models import Entry
from competition.judging.models import Judge, Round

FLAG_NOTE_LENGTH = 500  # characters


class Flag(models.Model):
    """A judge's doubt about a work, for the organiser (提请核查). No score or state moves."""

    class Kind(models.TextChoices):
        COPYRIGHT = "copyright", _("Copyright")
        NOT_THE_AUTHOR = "author", _("Not made by its author")
        AI = "ai", _("Made by AI")
        OFF_THEME = "theme", _("Off the theme")
        QUALITY = "quality", _("Technical quality")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="flags")
    judge = models.ForeignKey(
        Judge, verbose_name=_("judge"), on_delete=models.PROTECT, related_name="flags"
    )
    entry = models.ForeignKey(
        Entry, verbose_name=_("work"), on_delete=models.PROTECT, related_name="judges_flags"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    note = models.CharField(_("note"), max_length=FLAG_NOTE_LENGTH, blank=True)
    raised_at = models.DateTimeField(_("raised at"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    settlement = models.CharField(
        _("settlement"), max_length=FLAG_NOTE_LENGTH, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["judge", "entry", "kind"], name="one_flag_a_judge_entry_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settlement="")
                | (Q(settled_at__isnull=False) & ~Q(settlement="")),
                name="a_settled_flag_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry.number}: {self.get_kind_display()}"
