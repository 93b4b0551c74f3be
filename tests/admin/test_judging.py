"""The organiser makes rounds, assigns and closes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.judging.models import Round, RoundPlaces, Score, Scorecard
from competition.judging.services import close_round
from tests.admin.conftest import count_queries
from tests.factories import (
    AssignmentFactory,
    CriterionFactory,
    EntryFactory,
    FlagFactory,
    JudgeFactory,
    PanelFactory,
    RoundFactory,
    SectionFactory,
    open_phase,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    section = SectionFactory()
    panel = PanelFactory(edition=section.edition)
    JudgeFactory(panel=panel)
    CriterionFactory(edition=section.edition, code="theme")
    EntryFactory(section=section, state="admitted")
    return section, panel


def round_form(section, panel, **changes):
    form = {
        "edition": section.edition.pk,
        "number": 1,
        "title": "复评",
        "sections": [section.pk],
        "panels": [panel.pk],
        "readings": 1,
        "anchors": 0,
        "ranks_by": "raw",
        "kind": "scoring",
        "takes": "all",
        "places-TOTAL_FORMS": 1,
        "places-INITIAL_FORMS": 0,
        "places-0-section": section.pk,
        "places-0-places": 4,
    }
    return form | changes


def test_a_round_is_made_of_sections_and_panels_of_its_edition(organiser, world):
    section, panel = world
    organiser.post(reverse("rounds:add"), round_form(section, panel))
    made = Round.objects.get()
    assert (list(made.sections.all()), list(made.panels.all())) == ([section], [panel])
    assert list(made.places.values_list("section", "places")) == [(section.pk, 4)]


def test_a_round_refuses_places_in_a_section_of_another_edition(organiser, world):
    other = SectionFactory()
    response = organiser.post(
        reverse("rounds:add"), round_form(*world, **{"places-0-section": other.pk})
    )
    assert response.context["form"].non_field_errors()
    assert not Round.objects.exists()


def test_a_round_refuses_what_belongs_to_another_edition(organiser, world):
    section, panel = world
    response = organiser.post(
        reverse("rounds:add"), round_form(section, panel, sections=[SectionFactory().pk])
    )
    assert "sections" in response.context["form"].errors
    assert not Round.objects.exists()


def test_a_round_takes_the_cut_of_an_earlier_one_and_works_picked_by_number(organiser, world):
    section, panel = world
    earlier = make_round(section, panel)
    work = EntryFactory(section=section, state="admitted")
    wanted = {"number": 2, "takes": "cut", "earlier": earlier.pk, "numbers": f"{work.number}、"}
    organiser.post(reverse("rounds:add"), round_form(section, panel, **wanted))
    made = Round.objects.get(number=2)
    assert (made.takes, made.earlier, list(made.picked.all())) == ("cut", earlier, [work])
    shown = organiser.get(reverse("rounds:edit", args=[made.pk])).context["form"]
    assert shown.initial["numbers"] == work.number


def test_works_are_picked_until_the_round_is_assigned_and_then_only_added(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    first, second = EntryFactory.create_batch(2, section=section, state="admitted")
    url = reverse("rounds:edit", args=[made.pk])

    def pick(*numbers):
        wanted = {"numbers": "，".join(numbers), "places-TOTAL_FORMS": 0}
        return organiser.post(url, round_form(section, panel, **wanted))

    pick(first.number)
    pick(second.number)
    Round.objects.filter(pk=made.pk).update(assigned_at=timezone.now())
    answer = pick(first.number)
    assert second.number in str(answer.context["form"].errors["numbers"])
    # A work that has left the competition since does not stand in the way.
    type(second).objects.filter(pk=second.pk).update(state="disqualified")
    pick(first.number, second.number)
    assert set(made.picked.all()) == {first, second}
    logged = ModelLogEntry.objects.filter(action="competition.round.pick").order_by("pk")
    assert [row.data for row in logged] == [
        {"added": [first.number], "removed": []},
        {"added": [second.number], "removed": [first.number]},
        {"added": [first.number], "removed": []},
    ]


@pytest.mark.parametrize(
    ("takes", "inside"), [({"takes": "cut"}, [0]), ({"takes": "least", "least": 3}, [0, 1])]
)
def test_what_a_round_takes_of_an_earlier_one_is_shown_before_it_is_assigned(
    organiser, world, takes, inside
):
    section, panel = world
    earlier = make_round(section, panel)
    works = [scored(earlier, panel.judges.get(), value) for value in (8, 4, 2)]
    RoundPlaces.objects.create(round=earlier, section=section, places=1)
    close_round(round=earlier, actor=None)
    later = RoundFactory(edition=section.edition, number=2, earlier=earlier, **takes)
    later.sections.add(section)
    page = organiser.get(reverse("competition_round_assign", args=[later.pk]))
    (cut,) = page.context["cuts"]
    assert [work for work, _line in cut.last] == [works[at] for at in inside]
    assert "本轮收入的作品" in page.content.decode()


def test_the_page_of_a_round_says_what_it_waits_for(organiser, world):
    section, panel = world
    earlier = make_round(section, panel)
    later = RoundFactory(edition=section.edition, number=2, earlier=earlier, takes="cut")
    url = reverse("rounds:inspect", args=[later.pk])
    assert f"“{earlier}”" in organiser.get(url).content.decode()
    assert (
        "请先添加" in organiser.get(reverse("rounds:inspect", args=[earlier.pk])).content.decode()
    )


@pytest.mark.parametrize("page", ["cut", "close", "assign"])
def test_a_page_of_a_round_costs_the_same_with_one_work_and_with_three(organiser, world, page):
    section, panel = world
    made = make_round(section, panel)
    RoundPlaces.objects.create(round=made, section=section, places=1)
    url = reverse(f"competition_round_{page}", args=[made.pk])
    judge = panel.judges.get()

    scored(made, judge, 5)
    organiser.get(url)
    one = count_queries(organiser, url)
    for value in (4, 6):
        scored(made, judge, value)
    assert count_queries(organiser, url) == one


def scored(round, judge, value):
    """A work of the round with this judge's scorecard."""
    section = round.sections.get()
    work = EntryFactory(section=section, state="admitted")
    place = judge.assignments.count() + 1
    assignment = AssignmentFactory(round=round, judge=judge, entry=work, position=place)
    card = Scorecard.objects.create(assignment=assignment, version=1)
    criterion = section.edition.criteria.get()
    Score.objects.create(scorecard=card, criterion=criterion, value=value)
    return work


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"takes": "cut"}, "earlier"),
        ({"takes": "least", "earlier": "known"}, "least"),
        ({"number": 1, "takes": "cut", "earlier": "known"}, "earlier"),
        ({"numbers": "P-999999"}, "numbers"),
    ],
)
def test_a_round_that_cannot_know_its_works_is_refused_in_words(organiser, world, wanted, field):
    section, panel = world
    earlier = make_round(section, panel)
    wanted = {"number": 2, **wanted}
    if "earlier" in wanted:
        wanted["earlier"] = earlier.pk
    if wanted["number"] == 1:
        Round.objects.filter(pk=earlier.pk).update(number=3)
    response = organiser.post(reverse("rounds:add"), round_form(section, panel, **wanted))
    assert field in response.context["form"].errors
    assert Round.objects.count() == 1


def test_a_round_is_paused_and_resumed(organiser, world):
    made = make_round(*world)
    for name, is_paused in [("pause", True), ("resume", False)]:
        organiser.post(reverse(f"competition_round_{name}", args=[made.pk]))
        made.refresh_from_db()
        assert bool(made.paused_at) is is_paused


def test_the_cut_is_looked_at_before_it_is_kept(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    url = reverse("competition_round_cut", args=[made.pk])
    looked = organiser.get(url, {f"places-{section.pk}": 3})
    assert [one.cut.places for one in looked.context["cuts"]] == [3]
    assert not made.places.exists()
    organiser.post(url, {f"places-{section.pk}": 3})
    assert list(made.places.values_list("section", "places")) == [(section.pk, 3)]


def make_round(section, panel):
    made = RoundFactory(edition=section.edition, number=1, readings=1)
    made.sections.add(section)
    made.panels.add(panel)
    return made


def test_assigning_says_what_will_happen_and_then_does_it_once(organiser, world):
    made = make_round(*world)
    url = reverse("competition_round_assign", args=[made.pk])
    assert "1" in str(organiser.get(url).context["explanation"])
    assert made.assignments.count() == 0
    organiser.post(url)
    organiser.post(url)
    assert made.assignments.count() == 1


def test_closing_a_round_that_nobody_scored_is_refused_in_words(organiser, world):
    made = make_round(*world)
    response = organiser.post(reverse("competition_round_close", args=[made.pk]))
    assert response.context["form"].non_field_errors()
    made.refresh_from_db()
    assert made.closed_at is None


def test_closing_freezes_the_standings_and_the_page_shows_them(organiser, world):
    from competition.judging.assigning import assign_round
    from competition.judging.scorecards import save_scorecard

    made = make_round(*world)
    open_phase(made.edition, "judging")
    assign_round(round=made, actor=None)
    assignment = made.assignments.get()
    save_scorecard(assignment=assignment, user=assignment.judge.user, scores={"theme": 8})
    organiser.post(reverse("competition_round_close", args=[made.pk]))
    made.refresh_from_db()
    assert made.closed_at is not None
    page = organiser.get(reverse("rounds:inspect", args=[made.pk]))
    assert [one.version for one in page.context["standings"]] == [1]
    assert page.context["may_change"] is False


def test_the_progress_page_costs_the_same_with_one_judge_and_with_three(
    organiser, world, django_assert_num_queries
):
    made = make_round(*world)
    url = reverse("rounds:inspect", args=[made.pk])
    organiser.get(url)
    with CaptureQueriesContext(connection) as one:
        organiser.get(url)
    JudgeFactory.create_batch(2, panel=world[1])
    with django_assert_num_queries(len(one)):
        organiser.get(url)


def test_assigning_shows_load_and_overlap_first(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    page = organiser.get(reverse("competition_round_assign", args=[made.pk]))
    (shown,) = page.context["plans"]
    (line,) = shown.lines
    assert (line["before"].works, line["after"].works) == (0, 1)
    assert (line["added"], line["removed"]) == (1, 0)
    assert shown.short == []


def test_works_that_too_few_may_read_are_named(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    own = EntryFactory(section=section, state="admitted", created_by=panel.judges.get().user)
    page = organiser.get(reverse("competition_round_assign", args=[made.pk]))
    (shown,) = page.context["plans"]
    assert shown.short == [(own, panel, 1)]
    assert str(own) in page.content.decode()


def test_a_judge_leaves_once_it_was_shown_what_moves(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    organiser.post(reverse("competition_round_assign", args=[made.pk]))
    going, other = panel.judges.get(), JudgeFactory(panel=panel)
    url = reverse("competition_judge_leave", args=[going.pk])
    (shown,) = organiser.get(url).context["plans"]
    assert [(one["judge"], one["added"], one["removed"]) for one in shown.lines] == [
        (going, 0, 1),
        (other, 1, 0),
    ]
    assert made.assignments.get().judge == going
    response = organiser.post(url)
    assert response["Location"] == reverse("rounds:inspect", args=[made.pk])
    assert made.assignments.get().judge == other
    going.refresh_from_db()
    assert going.left_at is not None
    form = organiser.get(reverse("panels:edit", args=[panel.pk])).context["form"]
    assert going.user.email not in form.initial["judges"]


def test_the_organiser_recuses_a_judge_by_the_works_number(organiser, world):
    section, panel = world
    made = make_round(section, panel)
    organiser.post(reverse("competition_round_assign", args=[made.pk]))
    judge, other = panel.judges.get(), JudgeFactory(panel=panel)
    number = made.assignments.get().entry.number
    url = reverse("competition_judge_recuse", args=[judge.pk])
    refused = organiser.post(url, {"number": "x-1"})
    assert refused.context["form"].non_field_errors()
    assert made.assignments.get().judge == judge
    organiser.post(url, {"number": number, "reason": "a friend of the author"})
    assert made.assignments.get().judge == other
    assert judge.recusals.get().reason == "a friend of the author"


def test_the_preview_costs_the_same_with_one_judge_and_with_three(
    organiser, world, django_assert_num_queries
):
    section, panel = world
    url = reverse("competition_round_assign", args=[make_round(section, panel).pk])
    organiser.get(url)
    with CaptureQueriesContext(connection) as one:
        organiser.get(url)
    JudgeFactory.create_batch(2, panel=panel)
    EntryFactory.create_batch(2, section=section, state="admitted")
    with django_assert_num_queries(len(one)):
        organiser.get(url)


def test_a_flag_is_found_by_its_kind_and_settled_in_words(organiser):
    flag = FlagFactory(kind="ai", note="手有六指")
    url = reverse("flags:index")
    assert "手有六指" in organiser.get(url, {"kind": "ai", "settled": "false"}).content.decode()
    assert "手有六指" not in organiser.get(url, {"kind": "theme"}).content.decode()
    settle = reverse("competition_flag_settle", args=[flag.pk])
    assert "手有六指" in organiser.get(settle).content.decode()
    organiser.post(settle, {"settlement": "已核实原片"})
    flag.refresh_from_db()
    assert (flag.settlement, flag.settled_by) == ("已核实原片", organiser.user)
    assert "手有六指" not in organiser.get(url, {"settled": "false"}).content.decode()
    assert "已核实原片" in organiser.get(url, {"settled": "true"}).content.decode()
    assert organiser.get(reverse("flags:inspect", args=[flag.pk])).status_code == 200


def test_flags_are_for_organisers_alone(judge, manager):
    flag = FlagFactory()
    for client in (judge, manager):
        for url in (reverse("flags:index"), reverse("competition_flag_settle", args=[flag.pk])):
            assert client.get(url).status_code in (302, 403, 404)
