"""What this room does when an edition is copied."""

import pytest
from django.utils import timezone

from competition.editions.signals import edition_copied
from competition.judging.models import Assignment
from tests.factories import EditionFactory, SectionFactory

pytestmark = pytest.mark.django_db


def test_the_copy_has_the_same_panels_judges_and_rounds_and_nothing_assigned(jury):
    judge = jury.judge()
    jury.assignment(judge)
    gone = jury.judge()
    gone.left_at = timezone.now()
    gone.save()
    jury.round.readings, jury.round.anchors = 3, 10
    jury.round.assigned_at = jury.round.closed_at = timezone.now()
    jury.round.save()
    copy = EditionFactory()
    section = SectionFactory(edition=copy)

    edition_copied.send(
        type(copy), source=jury.edition, copy=copy, sections={jury.section.pk: section}
    )

    panel = copy.panels.get()
    assert (panel.kind, panel.title) == (jury.panel.kind, jury.panel.title)
    assert [one.user for one in panel.judges.all()] == [judge.user]
    round = copy.rounds.get()
    assert (round.number, round.title, round.readings) == (jury.round.number, "复评", 3)
    assert round.anchors == 10
    assert (round.assigned_at, round.closed_at) == (None, None)
    assert list(round.sections.all()) == [section]
    assert list(round.panels.all()) == [panel]
    assert Assignment.objects.count() == 1
    assert list(jury.edition.panels.all()) == [jury.panel]
