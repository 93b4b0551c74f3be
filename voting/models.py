"""One public vote and its ballots. Ballots are inserted, or made void; never deleted."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition, Section
from competition.entries.models import Entry

REASON_LENGTH = 200


class Poll(models.Model):
    """The public vote of an edition (公众投票). Its window is the edition's voting phase."""

    edition = models.OneToOneField(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="poll"
    )
    sections = models.ManyToManyField(Section, verbose_name=_("sections"), related_name="polls")
    votes_per_day = models.PositiveSmallIntegerField(
        _("votes a voter and day"), default=10, validators=[MinValueValidator(1)]
    )
    shows_totals = models.BooleanField(_("totals are visible during the vote"), default=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")

    def __str__(self) -> str:
        return str(self.edition)


class Ballot(models.Model):
    """One vote of one voter for one entry (选票)."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ballots")
    voter = models.CharField(max_length=64, help_text="keyed hash of the voter's identity")
    day = models.DateField()
    slot = models.PositiveSmallIntegerField(help_text="1 for the voter's first vote of the day")
    cast_at = models.DateTimeField(default=timezone.now)
    void_reason = models.CharField(_("void because"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        indexes = [models.Index(fields=["poll", "entry"])]
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "voter", "entry", "day"], name="one_ballot_a_voter_entry_and_day"
            ),
            # The day's limit, kept by the database: slots run from 1 to the poll's limit.
            models.UniqueConstraint(
                fields=["poll", "voter", "day", "slot"], name="one_ballot_a_voter_day_and_slot"
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="slots_begin_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
