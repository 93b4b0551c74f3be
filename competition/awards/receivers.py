"""What this room does when another one has news."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from competition.awards.models import AwardCategory, AwardQuota, AwardRule
from competition.awards.retention import forget_where_due
from competition.editions.models import Edition, Section
from competition.editions.signals import edition_copied
from media_processing.signals import worker_swept


@receiver(edition_copied, dispatch_uid="awards.copy_categories")
def copy_categories(
    sender: Any, source: Edition, copy: Edition, sections: Mapping[int, Section], **kwargs: Any
) -> None:
    """Give the copied edition the same rule: categories with their places, and caps."""
    if rule := AwardRule.objects.filter(edition=source).first():
        rule.pk, rule.edition = None, copy
        rule.save()
    for category in source.award_categories.prefetch_related("quotas"):
        new = AwardCategory.objects.create(
            edition=copy,
            code=category.code,
            title=category.title,
            title_en=category.title_en,
            source=category.source,
            jury_weight=category.jury_weight,
            expert_weight=category.expert_weight,
            industry_weight=category.industry_weight,
            jury_floor=category.jury_floor,
            position=category.position,
        )
        AwardQuota.objects.bulk_create(
            AwardQuota(category=new, section=sections[quota.section_id], places=quota.places)
            for quota in category.quotas.all()
        )


@receiver(worker_swept, dispatch_uid="awards.forget_where_due")
def forget_objectors(**kwargs: Any) -> None:
    """Erase what objectors sent when its time is over; looked at once a day."""
    forget_where_due()
