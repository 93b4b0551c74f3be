"""An uploaded original, and everything made from it. Knows files, never entries."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from media_processing.rules import MediaRules
from media_processing.states import AssetState
from media_processing.storage import derivatives, originals

STATE_LABELS = [
    (AssetState.UPLOADING.value, _("Uploading")),
    (AssetState.RECEIVED.value, _("Waiting")),
    (AssetState.PROCESSING.value, _("Processing")),
    (AssetState.READY.value, _("Ready")),
    (AssetState.REFUSED.value, _("Refused")),
    (AssetState.FAILED.value, _("Failed")),
]


def original_path(asset: "MediaAsset", filename: str) -> str:
    """Return a path of ours; the name that came with the file is data, never a path."""
    return f"{asset.pk.hex[:2]}/{asset.pk.hex}"


class MediaAsset(models.Model):
    """The uploaded original (原始文件). This row is the truth about its processing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=5, choices=[("photo", _("Photo")), ("video", _("Video"))])
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    on_behalf_of = models.CharField(
        max_length=40,
        blank=True,
        help_text="whose turns in the queue it takes, e.g. organisation-12",
    )
    original = models.FileField(storage=originals, upload_to=original_path, max_length=80)
    original_name = models.CharField(_("file name"), max_length=255)
    byte_size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    rules = models.JSONField(help_text="MediaRules the file is checked against")

    state = models.CharField(
        _("state"), max_length=10, choices=STATE_LABELS, default=AssetState.RECEIVED.value
    )
    step = models.CharField(max_length=20, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    reason_values = models.JSONField(default=dict, blank=True)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, db_index=True)

    format = models.CharField(max_length=10, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    taken_at = models.DateTimeField(_("taken at (from the file)"), null=True)
    camera = models.CharField(_("camera"), max_length=120, blank=True)
    lens = models.CharField(_("lens"), max_length=120, blank=True)
    exposure_seconds = models.FloatField(_("exposure (s)"), null=True)
    aperture = models.FloatField(_("aperture (f/)"), null=True)
    iso = models.PositiveIntegerField(_("ISO"), null=True)
    focal_length = models.FloatField(_("focal length (mm)"), null=True)
    # Private: offered to the entrant as the place taken, shown to nobody else.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    placeholder = models.TextField(
        blank=True,
        help_text="a picture of some 16 px as a data: address, there before the real one",
    )
    recipe = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField(_("received at"), auto_now_add=True)
    multipart_id = models.TextField(
        blank=True,
        editable=False,
        help_text="the object storage's name for an upload that goes straight to it",
    )
    expires_at = models.DateTimeField(
        null=True, db_index=True, help_text="when an unfinished upload is given up"
    )
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def media_rules(self) -> MediaRules:
        return MediaRules.from_json(self.rules)

    @property
    def is_ready(self) -> bool:
        return self.state == AssetState.READY

    @property
    def was_given_up(self) -> bool:
        """Whether we could not do it, or not make it anew; the organiser can try again."""
        return self.state == AssetState.FAILED or (self.is_ready and bool(self.reason))


class Derivative(models.Model):
    """One file made from an original (派生文件); public, upright, sRGB, without metadata."""

    class Role(models.TextChoices):
        PICTURE = "picture", _("Picture")  # a size of a photo
        POSTER = "poster", _("Poster")  # a size of a video's still
        VIDEO = "video", _("Video")  # one rung; plays by itself
        PLAYLIST = "playlist", _("Playlist")  # HLS: of one rung, or the master of all
        STRIP = "strip", _("Thumbnail strip")  # stills at equal distances, in one picture

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="derivatives")
    role = models.CharField(max_length=8, choices=Role)
    name = models.CharField(
        max_length=30, help_text="the recipe's name for it, e.g. picture-1280-webp"
    )
    file = models.FileField(storage=derivatives, max_length=120)
    mime_type = models.CharField(max_length=30)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.BigIntegerField()
    details = models.JSONField(
        default=dict,
        blank=True,
        help_text="what its role needs: a strip's columns, a rung's codecs",
    )

    class Meta:
        verbose_name = _("derived file")
        verbose_name_plural = _("derived files")
        ordering = ["role", "width", "mime_type"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "name"], name="one_derivative_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.name}"


class Fingerprint(models.Model):
    """A perceptual hash of a photo, or of one moment of a video: near copies differ in few bits."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="fingerprints")
    moment = models.FloatField(default=0, help_text="seconds into a video; 0 for a photo")
    view = models.PositiveSmallIntegerField(
        default=0, help_text="0: the whole picture; else what a crop leaves of it"
    )
    bits = models.CharField(max_length=64, help_text="PDQ: 256 bits in hexadecimal")
    quality = models.PositiveSmallIntegerField(help_text="PDQ: 0 (nothing to see) to 100")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "moment", "view"], name="one_fingerprint_a_view_of_a_moment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} at {self.moment} s"


class CaptionTrack(models.Model):
    """Subtitles (WebVTT) that came with a video. Uploaded, not derived: no recipe replaces it."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    file = models.FileField(storage=derivatives, max_length=120)

    class Meta:
        verbose_name = _("subtitles")
        verbose_name_plural = _("subtitles")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "language"], name="one_track_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.language}"


class WorkerPulse(models.Model):
    """A sign of life of one lane of a worker. No row, or an old one: the lane is dead."""

    lane = models.CharField(primary_key=True, max_length=64)
    beat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.lane
