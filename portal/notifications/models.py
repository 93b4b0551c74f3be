"""The outbox: a notice is a row in the same transaction as its cause, and is sent after."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition
from competition.organisations.models import Organisation
from portal.i18n import TranslatedText


class Mailing(models.Model):
    """What an organiser writes to many: looked at first, then queued once (群发通知)."""

    class Audience(models.TextChoices):
        ENTRANTS = "entrants", _("Everybody who has begun a work")
        DRAFTS = "drafts", _("Those with drafts")
        SUBMITTED = "submitted", _("Those with submitted works")

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="mailings"
    )
    audience = models.CharField(
        _("goes to"), max_length=10, choices=Audience, default=Audience.ENTRANTS
    )
    association = models.ForeignKey(
        Organisation,
        verbose_name=_("of this association only"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Organisation.Kind.ASSOCIATION},
        help_text=_("Its own works and those of its companies. Empty: all associations."),
    )
    subject = models.CharField(_("subject"), max_length=120)
    subject_en = models.CharField(_("subject in English"), max_length=120, blank=True)
    body = models.TextField(
        _("text"),
        max_length=5000,
        help_text=_("Plain text. It begins with the reader's name and ends with the site's."),
    )
    body_en = models.TextField(
        _("text in English"),
        max_length=5000,
        blank=True,
        help_text=_("Empty: who reads English gets the Chinese text."),
    )
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    queued_at = models.DateTimeField(_("queued at"), null=True, editable=False)

    local_subject = TranslatedText("subject")
    local_body = TranslatedText("body")

    class Meta:
        verbose_name = _("bulk mail")
        verbose_name_plural = _("bulk mails")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.local_subject)


class Notice(models.Model):
    """One mail to one person. `key` names its cause, so that nothing is sent twice."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=30)
    key = models.CharField(max_length=120)
    context = models.JSONField(default=dict)
    mailing = models.ForeignKey(
        Mailing,
        verbose_name=_("bulk mail"),
        null=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    due_at = models.DateTimeField(_("to be sent at"), default=timezone.now)
    claimed_at = models.DateTimeField(_("taken for sending at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(claimed_at=None), name="notices_nobody_has_claimed"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="one_notice_a_cause")
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"
