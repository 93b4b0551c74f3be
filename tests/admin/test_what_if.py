"""The organiser tries another rule, sees who enters and who leaves, and may use it."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.awards.models import AwardRule
from competition.awards.services import confirm_awards, propose_awards, publish_awards
from tests.admin.conftest import count_queries
from tests.competition.awards.conftest import World, awards_by_code
from tests.factories import SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """One expert's place, one popular; the public's favourite is the jury's last."""
    world = World(SectionFactory())
    world.category("expert", "jury", 1, position=1)
    world.category("popular", "public", 1, position=2)
    world.freeze("jury", a=9, b=8, c=7, d=6)
    world.freeze("public", d=50, c=40, b=30, a=20)
    return world


def address(world):
    return reverse("competition_awards_what_if", args=[world.edition.pk])


def asked(world, **changes):
    """Return the form as the page prefills it, with these changes."""
    places = world.section.pk
    form = {
        f"expert-places-{places}": 1,
        "expert-jury_floor": 0,
        f"popular-places-{places}": 1,
        "popular-jury_floor": 0,
        "per_organisation": 0,
        "per_association": 0,
        "per_author": 0,
    }
    return form | {name.replace("__", "-"): value for name, value in changes.items()}


def titles(shown):
    return [one.entry.title for one in shown]


def test_the_page_begins_with_the_rule_in_force_which_changes_nothing(organiser, world):
    context = organiser.get(address(world)).context
    assert {field.name: field.value() for field in context["form"]} == asked(world) | {
        "may_hold_two": False
    }
    answer = context["answer"]
    assert (answer.given, answer.enters, answer.leaves, answer.moves) == (2, (), (), ())
    assert not context["is_other"]


def test_looking_shows_who_enters_and_who_leaves_and_writes_nothing(organiser, world):
    response = organiser.get(address(world), asked(world, popular__jury_floor=75))
    answer = response.context["answer"]
    assert (titles(answer.enters), titles(answer.leaves), answer.moves) == (["c"], ["d"], ())
    assert answer.passed == 1
    assert not AwardRule.objects.exists()
    assert world.edition.award_categories.get(code="popular").jury_floor == 0
    assert not ModelLogEntry.objects.filter(action__startswith="competition.award").exists()


def test_using_it_makes_it_the_rule_and_says_so_in_the_log(organiser, world):
    section = f"expert__places-{world.section.pk}"
    form = asked(world, popular__jury_floor=75, per_organisation=3, **{section: 2})
    assert organiser.post(address(world), form).status_code == 302
    assert world.edition.award_categories.get(code="popular").jury_floor == 75
    assert world.edition.award_rule.per_organisation == 3
    logged = ModelLogEntry.objects.get(action="competition.award_rule.change")
    assert logged.user == organiser.user
    assert logged.data["before"]["caps"]["organisation"] == 0
    assert logged.data["after"]["caps"]["organisation"] == 3
    award_list = propose_awards(edition=world.edition, actor=None)
    assert awards_by_code(award_list) == {"expert": ["a", "b"], "popular": ["c"]}


def test_the_rule_that_is_used_already_leaves_no_line_in_the_log(organiser, world):
    organiser.post(address(world), asked(world))
    assert not ModelLogEntry.objects.filter(action="competition.award_rule.change").exists()


def test_numbers_that_make_no_rule_are_answered_beside_their_field(organiser, world):
    response = organiser.get(address(world), asked(world, popular__jury_floor=101))
    assert list(response.context["form"].errors) == ["popular-jury_floor"]
    assert response.context["answer"] is None


def test_panels_that_weigh_more_than_everything_are_refused(organiser, world):
    world.category("shortlisted", "weighted", 1, position=3)
    form = asked(world, shortlisted__expert_weight=60, shortlisted__industry_weight=50)
    form |= {f"shortlisted-places-{world.section.pk}": 1, "shortlisted-jury_floor": 0}
    response = organiser.post(address(world), form)
    assert list(response.context["form"].errors) == ["shortlisted-industry_weight"]


def test_standings_that_the_rule_lacks_are_named(organiser, world):
    world.category("shortlisted", "weighted", 1, position=3)
    answer = organiser.get(address(world)).context["answer"]
    assert (len(answer.missing), answer.given) == (2, 0)


def test_after_publication_the_rule_stays(organiser, world):
    award_list = propose_awards(edition=world.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    publish_awards(award_list=award_list, actor=None)
    response = organiser.post(address(world), asked(world, per_author=1))
    assert response.context["form"].non_field_errors()
    assert not AwardRule.objects.exists()


def test_one_or_three_works_that_change_cost_the_same(organiser, world):
    place = f"expert-places-{world.section.pk}"

    def look(places):
        query = "&".join(f"{k}={v}" for k, v in (asked(world) | {place: places}).items())
        return f"{address(world)}?{query}"

    count_queries(organiser, look(1))
    one = count_queries(organiser, look(2))
    world.freeze("jury", a=9, b=8, c=7, d=6, e=5, f=4)
    assert len(organiser.get(look(4)).context["answer"].enters) >= 2
    assert count_queries(organiser, look(4)) == one


def test_the_awards_page_says_whom_the_rule_passed_over(organiser, world):
    organiser.post(address(world), asked(world, popular__jury_floor=75))
    propose_awards(edition=world.edition, actor=None)
    page = organiser.get(reverse("competition_awards", args=[world.edition.pk]))
    assert [(one.entry.title, one.category.code) for one in page.context["passed"]] == [
        ("d", "popular")
    ]
