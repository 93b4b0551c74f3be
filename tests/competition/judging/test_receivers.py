"""What this room does when an edition is copied."""

import pytest
from django.utils import timezone

from competition.editions.signals import edition_copied
from competition.judging.models import Assignment, RoundPlaces
from tests.factories import EditionFactory, RoundFactory, SectionFactory

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


def test_the_copy_of_rounds_in_sequence_points_at_its_own_rounds(jury):
    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=7)
    second = RoundFactory(
        edition=jury.edition, number=jury.round.number + 1, takes="cut", earlier=jury.round
    )
    second.ranks_by, second.paused_at = "adjusted", timezone.now()
    second.save()
    copy = EditionFactory()
    section = SectionFactory(edition=copy)

    edition_copied.send(
        type(copy), source=jury.edition, copy=copy, sections={jury.section.pk: section}
    )

    first, later = copy.rounds.order_by("number")
    assert list(first.places.values_list("section", "places")) == [(section.pk, 7)]
    assert (later.takes, later.earlier, later.ranks_by) == ("cut", first, "adjusted")
    assert later.paused_at is None
