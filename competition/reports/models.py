"""Who is honoured for organising: local associations and companies (优秀组织单位)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition
from competition.organisations.models import Organisation


class Honour(models.Model):
    """An organisation honoured for how it took part; public with the edition's results."""

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="honours"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="honours",
    )
    figures = models.JSONField(
        default=dict, help_text="what the report said of it when this was decided"
    )
    reason = models.CharField(_("reason"), max_length=300)
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("award for organising")
        verbose_name_plural = _("awards for organising")
        ordering = ["edition", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "organisation"], name="one_honour_an_edition_and_organisation"
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation)
