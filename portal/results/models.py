"""What is made of an edition's awards: files that take the worker a while, and certificates."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competition.awards.models import Award, AwardList
from competition.reports.models import Honour
from media_processing.storage import originals


def package_path(package: "Package", filename: str) -> str:
    """Return a path of ours, in the private storage."""
    return f"packages/{package.pk}/{filename}"


class Package(models.Model):
    """One large file made by the worker: asked for, made bit by bit, kept, handed out."""

    class Kind(models.TextChoices):
        NOTICE_BUNDLE = "notice-bundle", _("Verifiable bundle, as put on notice")
        BUNDLE = "bundle", _("Verifiable bundle of the final results")
        CERTIFICATES = "certificates", _("All certificates")
        PACK = "pack", _("Organiser's pack: tables, captions, originals")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    award_list = models.ForeignKey(AwardList, on_delete=models.PROTECT, related_name="packages")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0, help_text="parts made, of `total`")
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True, help_text="why it failed, in words")
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    file = models.FileField(storage=originals, upload_to=package_path, max_length=200, blank=True)
    byte_size = models.BigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    root = models.CharField(
        max_length=64, blank=True, help_text="of a bundle: the SHA-256 of its manifest"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for at"), auto_now_add=True)
    made_at = models.DateTimeField(_("made at"), null=True)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        ordering = ["award_list", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["award_list", "kind"], name="one_package_a_list_and_kind"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | ~models.Q(file=""),
                name="a_ready_package_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def percent(self) -> int:
        """Return how much of it is made, 0 to 100."""
        return 100 * self.done // self.total if self.total else 0


class Certificate(models.Model):
    """A numbered certificate (证书) of an award or an honour of final results."""

    number = models.CharField(_("certificate number"), max_length=60, unique=True)
    award = models.OneToOneField(
        Award, null=True, on_delete=models.PROTECT, related_name="certificate"
    )
    honour = models.OneToOneField(
        Honour, null=True, on_delete=models.PROTECT, related_name="certificate"
    )
    issued_at = models.DateTimeField(_("issued at"), auto_now_add=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(award__isnull=False, honour__isnull=True)
                | models.Q(award__isnull=True, honour__isnull=False),
                name="a_certificate_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.number
