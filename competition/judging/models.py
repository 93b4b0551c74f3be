"""Panels and judges, rounds, scorecards, and the frozen standings."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from competition.editions.models import Criterion, Edition, Section
from competition.entries.models import Entry
from portal.i18n import TranslatedText


class Panel(ClusterableModel):
    """A group of judges (评审组)."""

    class Kind(models.TextChoices):
        EXPERT = "expert", _("Expert panel")
        INDUSTRY = "industry", _("Industry panel")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.CASCADE, related_name="panels"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("title in English"), max_length=80, blank=True)

    local_title = TranslatedText("title")

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")
        ordering = ["kind", "pk"]

    def __str__(self) -> str:
        return str(self.local_title)


class Judge(models.Model):
    """A person on a panel (评委)."""

    panel = ParentalKey(Panel, on_delete=models.CASCADE, related_name="judges")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="judgeships",
    )
    left_at = models.DateTimeField(_("left at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("judge")
        verbose_name_plural = _("judges")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "user"], name="one_judge_a_panel_and_person")
        ]

    def __str__(self) -> str:
        return str(self.user)


class Round(ClusterableModel):
    """One pass of the edition's panels over its works (评审轮次): a shortlisting or a scoring.

    Open while the judging phase is open by the clock, the round whose works it takes up is
    closed, and nobody has paused or closed it.
    """

    class Kind(models.TextChoices):
        SHORTLISTING = "shortlisting", _("Shortlisting: keep, unsure or drop")
        SCORING = "scoring", _("Scoring by the criteria")

    class Takes(models.TextChoices):
        ALL = "all", _("all admitted works of its sections")
        CUT = "cut", _("works inside the cut of the earlier round")
        LEAST = "least", _("works of at least a value in the earlier round")

    class RanksBy(models.TextChoices):
        RAW = "raw", _("Mean of all scorecards")
        TRIMMED = "trimmed", _("Mean without the highest and the lowest scorecard")
        ADJUSTED = "adjusted", _("Mean adjusted for strict and mild judges")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="rounds"
    )
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SCORING)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("title in English"), max_length=80, blank=True)
    takes = models.CharField(_("takes"), max_length=8, choices=Takes, default=Takes.ALL)
    earlier = models.ForeignKey(
        "self",
        verbose_name=_("earlier round"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="later_rounds",
        help_text=_("It must be closed before this one opens."),
    )
    least = models.DecimalField(
        _("least value"), max_digits=8, decimal_places=4, null=True, blank=True
    )
    picked = models.ManyToManyField(
        Entry, verbose_name=_("hand-picked works"), related_name="+", blank=True
    )
    sections = models.ManyToManyField(Section, verbose_name=_("sections"), related_name="rounds")
    panels = models.ManyToManyField(Panel, verbose_name=_("panels"), related_name="rounds")
    readings = models.PositiveSmallIntegerField(
        _("readings a work"), default=3, help_text=_("How many judges of each panel score a work.")
    )
    anchors = models.PositiveSmallIntegerField(
        _("anchor works"),
        default=0,
        help_text=_(
            "So many works, spread over the sections, are scored first by every judge, so that "
            "strict and mild judges can be compared. About 10 is good; 0 for none."
        ),
    )
    anchor_entries = models.ManyToManyField(
        Entry, verbose_name=_("anchor works"), related_name="+", blank=True, editable=False
    )
    ranks_by = models.CharField(
        _("ranks by"),
        max_length=8,
        choices=RanksBy,
        default=RanksBy.RAW,
        help_text=_("All three are computed and kept; this one decides. Say it in the rules."),
    )
    shows_distribution = models.BooleanField(
        _("judges see how the panel scores"),
        default=False,
        help_text=_(
            "From ten scored works on, each judge sees how often they and the whole panel gave "
            "each score; no names, no works."
        ),
    )
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    local_title = TranslatedText("title")

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["edition", "number"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="one_round_a_number"),
            models.CheckConstraint(
                condition=Q(takes="all")
                | Q(takes="cut", earlier__isnull=False)
                | Q(takes="least", earlier__isnull=False, least__isnull=False),
                name="a_round_says_what_it_takes",
            ),
        ]
        permissions = [("score_entry", _("Can score the works assigned to oneself"))]

    def __str__(self) -> str:
        return str(self.local_title)


class RoundPlaces(models.Model):
    """How many works of a section shall be inside the cut of a round."""

    round = ParentalKey(Round, on_delete=models.CASCADE, related_name="places")
    section = models.ForeignKey(
        Section, verbose_name=_("section"), on_delete=models.CASCADE, related_name="+"
    )
    places = models.PositiveSmallIntegerField(_("places"))

    class Meta:
        verbose_name = _("places of a round")
        verbose_name_plural = _("places of a round")
        ordering = ["section"]
        constraints = [
            models.UniqueConstraint(fields=["round", "section"], name="one_cut_a_round_and_section")
        ]

    def __str__(self) -> str:
        return f"{self.section}: {self.places}"


class Recusal(models.Model):
    """A judge stands aside from an entry, in every round (回避)."""

    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="recusals")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="recusals")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField(_("declared at"), auto_now_add=True)

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["judge", "entry"], name="one_recusal_a_judge_and_entry")
        ]

    def __str__(self) -> str:
        return f"{self.judge}: {self.entry}"


class Assignment(models.Model):
    """A judge shall read an entry in a round. `id` is all that the judge's pages show of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="assignments")
    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="assignments")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField(help_text="this judge's own shuffled order, from 1")
    set_aside_at = models.DateTimeField(
        _("set aside at"), null=True, blank=True, editable=False, help_text="comes after all others"
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "judge", "entry"], name="one_assignment_a_round_judge_and_entry"
            ),
            models.UniqueConstraint(
                fields=["round", "judge", "position"], name="one_assignment_a_position"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Scorecard(models.Model):
    """One judge's sheet for one entry (评分表): a score for every criterion, or a verdict."""

    class Verdict(models.IntegerChoices):
        DROP = 1, _("Drop")
        UNSURE = 2, _("Unsure")
        KEEP = 3, _("Keep")

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="scorecard"
    )
    verdict = models.PositiveSmallIntegerField(_("verdict"), choices=Verdict, null=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="1 when saved first, then counts")
    created_at = models.DateTimeField(_("scored at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__isnull=True) | Q(verdict__range=(1, 3)),
                name="a_verdict_is_known",
            )
        ]

    def __str__(self) -> str:
        return str(self.assignment_id)


class Score(models.Model):
    """One number on a scorecard (分数)."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    value = models.PositiveSmallIntegerField(_("score"))

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard", "criterion"], name="one_score_a_scorecard_and_criterion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


class StandingList(models.Model):
    """The frozen result of a closed round or poll; a later change makes a new version."""

    class Source(models.TextChoices):
        JURY = "jury", _("Jury")
        PUBLIC = "public", _("Public vote")
        EXPERT = "expert", _("Expert panel")
        INDUSTRY = "industry", _("Industry panel")

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="standing_lists")
    source = models.CharField(_("source"), max_length=8, choices=Source)
    round = models.ForeignKey(
        Round, null=True, blank=True, on_delete=models.PROTECT, related_name="standing_lists"
    )
    version = models.PositiveSmallIntegerField(_("version"))
    digest = models.CharField(_("digest of the inputs"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen at"), auto_now_add=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("list of standings")
        verbose_name_plural = _("lists of standings")
        ordering = ["edition", "source", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "source", "version"], name="one_standing_list_a_version"
            ),
            models.CheckConstraint(
                condition=Q(source="public", round__isnull=True)
                | Q(source__in=["jury", "expert", "industry"], round__isnull=False),
                name="jury_standings_come_from_a_round",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} v{self.version}"


class Standing(models.Model):
    """The frozen line of one entry (名次). Entries that tie share a rank, within their section."""

    standing_list = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, related_name="standings"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="standings")
    rank = models.PositiveIntegerField(_("rank"))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=6)
    readings = models.PositiveIntegerField(_("readings or ballots"), default=0)
    # Of a jury: what `value` might have been, and how sure it is.
    raw = models.DecimalField(_("mean"), max_digits=14, decimal_places=6, null=True)
    trimmed = models.DecimalField(_("trimmed mean"), max_digits=14, decimal_places=6, null=True)
    adjusted = models.DecimalField(_("adjusted mean"), max_digits=14, decimal_places=6, null=True)
    standard_error = models.FloatField(_("standard error"), null=True)
    chance = models.FloatField(_("chance of being inside the cut"), null=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering = ["rank", "entry"]
        constraints = [
            models.UniqueConstraint(
                fields=["standing_list", "entry"], name="one_standing_a_list_and_entry"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.entry_id}"
