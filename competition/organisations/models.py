"""Local associations, their companies, and the people who act for them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

JOIN_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike


def new_join_code() -> str:
    """Return a code that a manager gives to colleagues; 8 letters, 40 bits."""
    return get_random_string(8, JOIN_CODE_LETTERS)


class Organisation(models.Model):
    """A local association, or a company that belongs to one association or to none."""

    class Kind(models.TextChoices):
        ASSOCIATION = "association", _("Local association")
        COMPANY = "company", _("Company")

    class Verification(models.TextChoices):
        PENDING = "pending", _("To be verified")
        VERIFIED = "verified", _("Verified")
        REFUSED = "refused", _("Verification refused")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.COMPANY)
    name = models.CharField(_("name"), max_length=120, unique=True)
    association = models.ForeignKey(
        "self",
        verbose_name=_("local association"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="companies",
        limit_choices_to={"kind": Kind.ASSOCIATION},
        help_text=_("Empty for an association, and for a company that belongs to none."),
    )
    province = models.CharField(_("province"), max_length=40, blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True)
    join_code = models.CharField(
        _("join code"), max_length=8, unique=True, default=new_join_code, editable=False
    )
    # The default is for rows that an organiser makes; a newcomer's begin as pending.
    verification = models.CharField(
        _("verification"),
        max_length=10,
        choices=Verification,
        default=Verification.VERIFIED,
        editable=False,
    )
    refusal_reason = models.TextField(
        _("reason of the refusal"), max_length=1000, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="company") | Q(association__isnull=True),
                name="an_association_belongs_to_none",
            ),
            models.CheckConstraint(
                condition=~Q(verification="refused") | ~Q(refusal_reason=""),
                name="a_refusal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_association(self) -> bool:
        return self.kind == self.Kind.ASSOCIATION

    @property
    def is_verified(self) -> bool:
        return self.verification == self.Verification.VERIFIED

    @property
    def is_refused(self) -> bool:
        return self.verification == self.Verification.REFUSED


class Membership(models.Model):
    """A person acts for an organisation."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("Manager")
        CONTRIBUTOR = "contributor", _("Contributor")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], name="one_membership_a_person_and_organisation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class Invitation(models.Model):
    """Somebody is asked to act for an organisation; its link is good once, for some days.

    Nothing here opens it: the link carries this id signed with the site's secret key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    role = models.CharField(
        _("role"), max_length=12, choices=Membership.Role, default=Membership.Role.CONTRIBUTOR
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("good until"))
    mailed_at = models.DateTimeField(_("mailed at"), null=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="an_invitation_ends_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email or self.get_role_display()} → {self.organisation_id}"
