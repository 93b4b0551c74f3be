"""One running of the competition: its theme, sections, phases and judging criteria."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from media_processing.rules import PHOTO_FORMATS, VIDEO_FORMATS, MediaRules
from portal.i18n import TranslatedText


class Edition(ClusterableModel):
    """One running of the competition (届)."""

    class Feedback(models.TextChoices):
        NONE = "none", _("none")
        SCORES = "scores", _("mean scores by criterion")
        COMMENTS = "comments", _("mean scores by criterion, and the judges' comments without names")

    slug = models.SlugField(_("short name in addresses"), unique=True, max_length=40)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    theme = models.CharField(_("theme"), max_length=200)
    theme_en = models.CharField(_("theme in English"), max_length=200, blank=True)
    organiser = models.CharField(_("organiser"), max_length=120, blank=True)
    score_min = models.PositiveSmallIntegerField(_("lowest score"), default=1)
    score_max = models.PositiveSmallIntegerField(_("highest score"), default=10)
    grace_minutes = models.PositiveSmallIntegerField(
        _("minutes of grace for uploads"),
        default=30,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("A file on its way when the call closes may still arrive for so long."),
    )
    feedback = models.CharField(
        _("feedback to entrants"),
        max_length=8,
        choices=Feedback,
        default=Feedback.NONE,
        help_text=_("Each sees that of their own works only, once the results are published."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    local_title = TranslatedText("title")
    local_theme = TranslatedText("theme")

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score_max__gt=F("score_min")), name="scores_have_a_range"
            )
        ]

    def __str__(self) -> str:
        return str(self.local_title)


class Declaration(models.Model):
    """A version of what an entrant accepts on submitting (版权声明). It is never changed."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="declarations")
    number = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("rights declaration"))
    text_en = models.TextField(_("rights declaration in English"), blank=True)
    published_at = models.DateTimeField(_("in force since"), auto_now_add=True)

    local_text = TranslatedText("text")

    class Meta:
        verbose_name = _("rights declaration")
        verbose_name_plural = _("rights declarations")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="one_declaration_a_number")
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Section(models.Model):
    """A class of works with its own rules (参赛单元)."""

    class Kind(models.TextChoices):
        SINGLE_PHOTO = "single_photo", _("Single photo")
        PHOTO_SERIES = "photo_series", _("Photo series")
        MICRO_VIDEO = "micro_video", _("Micro-video")

    edition = ParentalKey(Edition, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("title in English"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    formats = models.JSONField(
        _("formats allowed"),
        default=list,
        blank=True,
        help_text=_("Empty: every format we can read."),
    )
    min_long_side = models.PositiveIntegerField(
        _("long side at least (px)"), default=0, help_text=_("0: no limit.")
    )
    max_mb = models.PositiveIntegerField(
        _("file at most (MB)"), default=50, validators=[MinValueValidator(1)]
    )
    min_frames = models.PositiveSmallIntegerField(
        _("frames at least"), default=1, validators=[MinValueValidator(1)]
    )
    max_frames = models.PositiveSmallIntegerField(
        _("frames at most"), default=1, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    min_seconds = models.PositiveIntegerField(_("video at least (s)"), default=0)
    max_seconds = models.PositiveIntegerField(_("video at most (s)"), default=0)
    entries_per_organisation = models.PositiveIntegerField(
        _("works allowed to each organisation"), default=0, help_text=_("0: no limit.")
    )
    forwarded_per_association = models.PositiveIntegerField(
        _("works each association may forward"),
        default=0,
        help_text=_("0: no limit. Exceptions for single associations: on the page “Forwarding”."),
    )

    local_title = TranslatedText("title")

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_frames__gte=F("min_frames")), name="frames_have_a_range"
            ),
            models.CheckConstraint(
                condition=Q(max_seconds=0) | Q(max_seconds__gte=F("min_seconds")),
                name="duration_has_a_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.local_title)

    def clean(self) -> None:
        """Refuse formats that the section's kind cannot hold, and frames it cannot have."""
        unknown = set(self.formats) - set(self.readable_formats)
        if unknown:
            raise ValidationError(
                {"formats": _("These formats can't be used here: %s.") % ", ".join(sorted(unknown))}
            )
        if self.kind != self.Kind.PHOTO_SERIES and self.max_frames != 1:
            raise ValidationError({"max_frames": _("Only a series has more than one frame.")})

    @property
    def is_video(self) -> bool:
        return self.kind == self.Kind.MICRO_VIDEO

    @property
    def is_series(self) -> bool:
        return self.kind == self.Kind.PHOTO_SERIES

    @property
    def media_kind(self) -> str:
        """Return which files it takes: "photo" or "video"."""
        return "video" if self.is_video else "photo"

    @property
    def number_prefix(self) -> str:
        """Return the letter that work numbers of this section begin with."""
        return {"single_photo": "P", "photo_series": "S", "micro_video": "V"}[self.kind]

    @property
    def readable_formats(self) -> tuple[str, ...]:
        return VIDEO_FORMATS if self.is_video else PHOTO_FORMATS

    @property
    def media_rules(self) -> MediaRules:
        """Return this section's limits as the media room understands them."""
        return MediaRules(
            kind=self.media_kind,
            formats=tuple(self.formats) or self.readable_formats,
            min_long_side=self.min_long_side,
            max_bytes=self.max_mb * 1024 * 1024,
            min_seconds=self.min_seconds,
            max_seconds=self.max_seconds,
        )


class Phase(models.Model):
    """A window of an edition. It is open because of the clock; to extend it, edit the row."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call for entries")
        SCREENING = "screening", _("Screening")
        JUDGING = "judging", _("Judging")
        VOTING = "voting", _("Public vote")
        NOTICE = "notice", _("Notice period")
        PUBLISHED = "published", _("Published")

    edition = ParentalKey(Edition, on_delete=models.CASCADE, related_name="phases")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind"], name="one_phase_of_a_kind"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="a_phase_closes_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def is_open(self, at: datetime | None = None) -> bool:
        """Tell whether the clock stands in [opens_at, closes_at)."""
        return self.opens_at <= (at or timezone.now()) < self.closes_at

    def has_closed(self, at: datetime | None = None) -> bool:
        return self.closes_at <= (at or timezone.now())


class Criterion(models.Model):
    """What a judge scores (评分项), and how much it weighs."""

    edition = ParentalKey(Edition, on_delete=models.CASCADE, related_name="criteria")
    code = models.SlugField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("title in English"), max_length=40, blank=True)
    description = models.CharField(_("what to look for"), max_length=200, blank=True)
    description_en = models.CharField(_("what to look for, in English"), max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1)]
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    local_title = TranslatedText("title")
    local_description = TranslatedText("description")

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_criterion_of_a_code")
        ]

    def __str__(self) -> str:
        return str(self.local_title)
