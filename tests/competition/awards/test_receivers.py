"""A copied edition has the same categories with the same places, in its own sections."""

from datetime import timedelta

import pytest

from competition.editions.services import copy_edition

pytestmark = pytest.mark.django_db


def test_categories_and_places_are_copied_into_the_new_sections(world):
    source = world.category(
        "shortlisted", "combined", 7, position=3, title="入围作品", title_en="Shortlisted"
    )
    source.jury_weight = 60
    source.save()
    copy = copy_edition(
        edition=world.edition, slug="next", title="下一届", shift=timedelta(days=365), actor=None
    )
    category = copy.award_categories.get()
    assert category.pk != source.pk
    assert (category.code, category.source, category.jury_weight) == ("shortlisted", "combined", 60)
    assert (category.title, category.title_en, category.position) == ("入围作品", "Shortlisted", 3)
    quota = category.quotas.get()
    assert (quota.section, quota.places) == (copy.sections.get(), 7)
    assert source.quotas.get().section == world.section
