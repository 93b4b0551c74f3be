"""Lists of awards cost the same queries, however long they are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competition.awards.queries import open_ties, published_awards
from competition.awards.services import confirm_awards, propose_awards, publish_awards

pytestmark = pytest.mark.django_db


def queries_of(show):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        show()
    return len(captured)


@pytest.mark.parametrize("places", [1, 3])
def test_published_awards_cost_constant_queries(world, places):
    world.category("expert", "jury", places)
    world.freeze("jury", a=9, b=8, c=7)
    award_list = propose_awards(edition=world.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    publish_awards(award_list=award_list, actor=None)

    def show():
        awards = list(published_awards(world.edition))
        assert len(awards) == places
        for award in awards:
            entry = award.entry
            assert str(award.category)
            assert str(entry.section)
            assert str(entry.organisation)
            for frame in entry.frames.all():
                assert len(frame.asset.derivatives.all()) == 3

    assert queries_of(show) == 5


@pytest.mark.parametrize("works", ["ab", "abcd"])
def test_open_ties_cost_constant_queries(world, works):
    world.category("expert", "jury", 1)
    world.freeze("jury", **dict.fromkeys(works, 9))
    award_list = propose_awards(edition=world.edition, actor=None)

    def show():
        (tie,) = open_ties(award_list)
        assert [entry.title for entry in tie.entries] == list(works)
        assert [str(entry.organisation) for entry in tie.entries]

    assert queries_of(show) == 6
