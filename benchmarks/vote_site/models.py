"""The textbook's tables: a vote, and a counter that each vote adds one to."""

from django.db import models

from competition.entries.models import Entry


class Vote(models.Model):
    """One vote of one voter for one entry a day."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    voter = models.CharField(max_length=64)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "voter", "day"], name="textbook_vote")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Total(models.Model):
    """The votes of one entry."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    votes = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.votes}"
