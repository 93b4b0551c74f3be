"""What a judge sets aside comes after all others, and is never lost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from competition.judging.queries import first_to_do, place_of, stacks_of
from competition.judging.scorecards import save_scorecard
from competition.judging.services import JudgingRefused
from competition.judging.setting_aside import set_aside
from tests.competition.judging.conftest import SHEET
from tests.factories import AssetFactory, FrameFactory, close_phase

pytestmark = pytest.mark.django_db
JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def judge(jury, client):
    judge = jury.judge()
    client.force_login(judge.user)
    return judge


@pytest.fixture
def works(jury, judge):
    return [jury.assignment(judge) for _ in range(3)]


def address(assignment, verb=""):
    return f"/judging/{assignment.pk}/{verb}"


def aside(assignment):
    return set_aside(assignment=assignment, user=assignment.judge.user)


def save(assignment):
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores=SHEET)


def stack(judge):
    return stacks_of(judge.user)[0]


def test_it_has_its_turn_after_all_others_in_the_order_of_setting_aside(works, judge):
    first, second, third = works
    assert aside(second)
    assert aside(first)
    assert place_of(second).next_to_do == third.pk
    assert first_to_do(stack(judge)) == third.pk
    save(third)
    assert place_of(third).next_to_do == second.pk
    assert first_to_do(stack(judge)) == second.pk
    assert (stack(judge).later, stack(judge).to_do) == (2, 2)
    save(second)
    assert place_of(second).next_to_do == first.pk
    save(first)
    assert place_of(first).next_to_do is None
    assert stack(judge).later == 0


def test_pressing_again_takes_it_back_and_both_are_logged(works):
    assert aside(works[0]) is True
    assert aside(works[0]) is False
    works[0].refresh_from_db()
    assert works[0].set_aside_at is None
    found = ModelLogEntry.objects.filter(action__startswith="competition.assignment")
    assert list(found.order_by("pk").values_list("action", flat=True)) == [
        "competition.assignment.set_aside",
        "competition.assignment.take_back",
    ]


def test_a_score_takes_it_back(works):
    aside(works[0])
    save(works[0])
    works[0].refresh_from_db()
    assert works[0].set_aside_at is None
    with pytest.raises(JudgingRefused):
        aside(works[0])


def test_it_is_the_judges_own_and_while_the_round_is_open(jury, works):
    with pytest.raises(JudgingRefused):
        set_aside(assignment=works[0], user=jury.judge().user)
    close_phase(jury.edition, "judging")
    with pytest.raises(JudgingRefused):
        aside(works[0])
    works[0].refresh_from_db()
    assert works[0].set_aside_at is None


def test_a_form_and_a_script_set_aside_and_go_on(client, works):
    first, second, third = works
    answer = client.post(address(first, "later/"))
    assert (answer.status_code, answer.url) == (302, address(second))
    assert client.post(address(second, "later/"), **JSON).json()["next"] == address(third)
    answer = client.get("/judging/", {"show": "later"})
    assert list(answer.context["page_obj"]) == [first, second]
    assert client.post(address(first, "later/")).url == address(first)
    close_phase(first.round.edition, "judging")
    assert client.post(address(third, "later/"), **JSON).status_code == 422
    assert client.get(address(first, "later/")).status_code == 405


def test_minutes_left_count_pictures_and_the_length_of_clips(jury, judge):
    for _ in range(2):
        jury.assignment(judge)
    film = jury.entry(frames=False)
    FrameFactory(entry=film, asset=AssetFactory(kind="video", seconds=150))
    assignment = jury.assignment(judge, film)
    # Two pictures of 0.2 minutes and 2.5 of video are 2.9.
    assert stack(judge).minutes_left == 3
    assert place_of(assignment).minutes_left == 3
    save(assignment)
    assert stack(judge).minutes_left == 1


def test_the_room_costs_the_same_among_one_work_and_among_three(client, jury, judge):
    first = jury.assignment(judge)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(first)).status_code == 200
        return len(queries)

    cost()
    one = cost()
    aside(jury.assignment(judge))
    jury.assignment(judge)
    assert cost() == one
