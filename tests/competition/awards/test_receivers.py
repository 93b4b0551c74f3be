"""A copied edition has the same categories with the same places, in its own sections."""

from datetime import timedelta

import pytest

from competition.editions.services import copy_edition
from tests.factories import AwardRuleFactory

pytestmark = pytest.mark.django_db


def test_categories_and_places_are_copied_into_the_new_sections(world):
    source = world.category(
        "shortlisted", "combined", 7, position=3, title="入围作品", title_en="Shortlisted"
    )
    source.jury_weight, source.expert_weight, source.industry_weight = 60, 45, 35
    source.jury_floor = 50
    source.save()
    AwardRuleFactory(edition=world.edition, may_hold_two=True, per_author=2)
    copy = copy_edition(
        edition=world.edition, slug="next", title="下一届", shift=timedelta(days=365), actor=None
    )
    category = copy.award_categories.get()
    assert category.pk != source.pk
    assert (category.code, category.source, category.jury_weight) == ("shortlisted", "combined", 60)
    assert (category.title, category.title_en, category.position) == ("入围作品", "Shortlisted", 3)
    assert (category.expert_weight, category.industry_weight) == (45, 35)
    assert category.jury_floor == 50
    assert (copy.award_rule.may_hold_two, copy.award_rule.per_author) == (True, 2)
    assert world.edition.award_rule.pk != copy.award_rule.pk
    quota = category.quotas.get()
    assert (quota.section, quota.places) == (copy.sections.get(), 7)
    assert source.quotas.get().section == world.section
