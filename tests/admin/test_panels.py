"""The organiser makes panels: who judges."""

import pytest
from django.urls import reverse

from competition.judging.models import Judge, Panel
from portal.accounts.groups import JUDGES, group_names
from tests.factories import AssignmentFactory, JudgeFactory, SectionFactory, UserFactory

pytestmark = pytest.mark.django_db


def panel_form(edition, judges=""):
    return {"edition": edition.pk, "kind": "expert", "title": "专家组", "judges": judges}


def test_a_panel_is_made_with_its_judges_who_join_the_group(organiser):
    edition = SectionFactory().edition
    first, second = UserFactory(email="li@example.org"), UserFactory(email="wang@example.org")
    organiser.post(
        reverse("panels:add"), panel_form(edition, "李评委 <Li@example.org>\nwang@example.org")
    )
    assert {judge.user for judge in Panel.objects.get().judges.all()} == {first, second}
    assert JUDGES in group_names(first)
    assert JUDGES in group_names(second)


def test_an_address_that_nobody_registered_is_named(organiser):
    edition = SectionFactory().edition
    response = organiser.post(reverse("panels:add"), panel_form(edition, "nobody@example.org"))
    assert "nobody@example.org" in str(response.context["form"].errors["judges"])
    assert not Panel.objects.exists()


def test_the_form_shows_the_judges_and_saving_it_again_changes_nothing(organiser):
    judge = JudgeFactory()
    url = reverse("panels:edit", args=[judge.panel.pk])
    shown = organiser.get(url).context["form"].initial["judges"]
    assert shown == f"{judge.user.get_full_name()} <{judge.user.email}>"
    organiser.post(url, panel_form(judge.panel.edition, shown))
    assert list(Judge.objects.all()) == [judge]


def test_a_judge_without_works_is_taken_off(organiser):
    judge = JudgeFactory()
    organiser.post(reverse("panels:edit", args=[judge.panel.pk]), panel_form(judge.panel.edition))
    assert not Judge.objects.exists()


def test_a_judge_with_works_stays_and_the_form_says_so(organiser):
    judge = AssignmentFactory().judge
    response = organiser.post(
        reverse("panels:edit", args=[judge.panel.pk]), panel_form(judge.panel.edition)
    )
    assert str(judge) in str(response.context["form"].errors["judges"])
    assert Judge.objects.get() == judge
