"""The organiser looks at works and moves them, one or many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.factories import (
    AppealFactory,
    EntryFactory,
    ReleaseFactory,
    SectionFactory,
    close_phase,
    open_phase,
)

pytestmark = pytest.mark.django_db


def move(client, entry, verb, **data):
    return client.post(reverse("competition_work_move", args=[entry.pk, verb]), data)


def state_of(entry) -> str:
    entry.refresh_from_db()
    return entry.state


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        ("draft", []),
        ("submitted", ["return", "admit", "reject"]),
        ("forwarded", ["admit", "reject"]),
        ("rejected", ["admit"]),
        ("admitted", ["disqualify"]),
        ("disqualified", ["reinstate"]),
        ("withdrawn", []),
    ],
)
def test_a_work_shows_the_buttons_its_state_allows(organiser, state, verbs):
    entry = EntryFactory(state=state)
    response = organiser.get(reverse("works:inspect", args=[entry.pk]))
    assert [one["verb"] for one in response.context["moves"]] == verbs


def test_admitting_asks_first_and_then_moves_the_work(organiser):
    entry = EntryFactory(state="forwarded")
    url = reverse("competition_work_move", args=[entry.pk, "admit"])
    assert organiser.get(url).status_code == 200
    assert state_of(entry) == "forwarded"
    assert organiser.post(url).url == reverse("works:inspect", args=[entry.pk])
    assert state_of(entry) == "admitted"


def test_rejecting_needs_a_reason_which_the_page_then_shows_with_who_and_when(organiser):
    entry = EntryFactory(state="forwarded")
    assert move(organiser, entry, "reject", reason=" ").status_code == 200
    assert state_of(entry) == "forwarded"
    assert move(organiser, entry, "reject", reason="画面过度修改").status_code == 302
    assert state_of(entry) == "rejected"
    page = organiser.get(reverse("works:inspect", args=[entry.pk])).content.decode()
    assert page.count("画面过度修改") == 2  # as the advice, and in what happened
    line = ModelLogEntry.objects.get(action="competition.entry.reject")
    assert (line.user, line.object_id) == (organiser.user, str(entry.pk))


def test_a_move_the_table_does_not_have_is_refused_in_words_and_changes_nothing(organiser):
    entry = EntryFactory(state="withdrawn")
    response = move(organiser, entry, "admit")
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert state_of(entry) == "withdrawn"


def test_an_unknown_verb_is_not_found(organiser):
    assert move(organiser, EntryFactory(state="forwarded"), "forward").status_code == 404


def bulk(verb, entries) -> str:
    url = reverse("wagtail_bulk_action", args=["competition", "entry", f"{verb}_works"])
    return url + "?" + "&".join(f"id={entry.pk}" for entry in entries)


def test_a_mass_admission_shows_first_what_will_change_and_what_will_not(organiser):
    able = EntryFactory.create_batch(2, state="forwarded")
    unable = EntryFactory(state="withdrawn")
    response = organiser.get(bulk("admit", [*able, unable]))
    assert [one["item"] for one in response.context["items"]] == able
    assert response.context["items_with_no_access"] == [unable]
    assert [state_of(one) for one in able] == ["forwarded", "forwarded"]
    organiser.post(bulk("admit", [*able, unable]))
    assert [state_of(one) for one in [*able, unable]] == ["admitted", "admitted", "withdrawn"]


def test_a_mass_rejection_needs_a_reason_for_all(organiser):
    entries = EntryFactory.create_batch(2, state="submitted")
    assert organiser.post(bulk("reject", entries), {"reason": ""}).status_code == 200
    assert [state_of(one) for one in entries] == ["submitted", "submitted"]
    organiser.post(bulk("reject", entries), {"reason": "与主题不符"})
    assert [(state_of(one), one.advice) for one in entries] == [("rejected", "与主题不符")] * 2


def test_rejected_works_are_not_admitted_again_without_a_reason(organiser):
    entries = [EntryFactory(state="forwarded"), EntryFactory(state="rejected")]
    organiser.post(bulk("admit", entries), {"reason": ""})
    assert [state_of(one) for one in entries] == ["admitted", "rejected"]


def test_all_in_the_listing_means_all_that_pass_the_filter(organiser):
    section = SectionFactory()
    listed = EntryFactory(section=section, state="forwarded")
    other = EntryFactory(state="forwarded")
    url = reverse("wagtail_bulk_action", args=["competition", "entry", "admit_works"])
    organiser.post(f"{url}?id=all&section={section.pk}")
    assert (state_of(listed), state_of(other)) == ("admitted", "forwarded")


def test_the_list_filters_by_edition_state_section_and_association(organiser):
    entry = EntryFactory(state="submitted")
    EntryFactory(state="forwarded")
    for query in (
        f"edition={entry.edition_id}",
        "state=submitted",
        f"section={entry.section_id}",
        f"association={entry.organisation.association_id}",
        f"q={entry.number}",
    ):
        response = organiser.get(reverse("works:index") + "?" + query)
        assert list(response.context["object_list"]) == [entry], query


def test_the_list_filters_by_what_was_declared_and_by_appeals(organiser):
    entry = EntryFactory(state="rejected", ai_use="assisted", portraits="consented")
    ReleaseFactory(entry=entry)
    AppealFactory(entry=entry)
    other = EntryFactory(state="submitted")
    for query, found in {
        "ai_use=assisted": [entry],
        "ai_use=assisted&ai_use=generated": [entry],
        "portraits=consented": [entry],
        "with_releases=true": [entry],
        "with_releases=false": [other],
        "with_appeal=true": [entry],
        f"q={entry.organisation.association.name}": [entry],
        f"q={entry.author_names}": [other, entry],
    }.items():
        response = organiser.get(reverse("works:index") + "?" + query)
        assert list(response.context["object_list"]) == found, query


def test_a_mass_return_tells_what_will_change_what_will_not_and_why(organiser):
    section = SectionFactory()
    open_phase(section.edition, "call")
    able = EntryFactory.create_batch(2, section=section, state="submitted")
    late, drawn = EntryFactory(state="submitted"), EntryFactory(section=section, state="withdrawn")
    close_phase(late.edition, "call")
    url = bulk("return", [*able, late, drawn])
    context = organiser.get(url).context
    assert context["groups"] == {(able[0].get_state_display(), str(section)): 2}
    assert sorted(context["reasons"].values()) == [1, 1]
    organiser.post(url, {"reason": "请补充说明"})
    found = [(state_of(one), one.advice) for one in [*able, late, drawn]]
    assert found == [("returned", "请补充说明")] * 2 + [("submitted", ""), ("withdrawn", "")]


@pytest.mark.parametrize("verb", ["admit", "reject"])
def test_after_judging_the_preview_says_that_nothing_can_change(organiser, verb):
    entry = EntryFactory(state="forwarded")
    close_phase(entry.edition, "judging")
    context = organiser.get(bulk(verb, [entry])).context
    assert (context["items"], context["items_with_no_access"]) == ([], [entry])


def test_a_preview_costs_the_same_for_one_work_and_for_three(organiser):
    first = EntryFactory(state="forwarded")
    organiser.get(bulk("admit", [first]))
    with CaptureQueriesContext(connection) as one:
        organiser.get(bulk("admit", [first]))
    others = EntryFactory.create_batch(2, state="rejected")
    with CaptureQueriesContext(connection) as three:
        organiser.get(bulk("admit", [first, *others]))
    assert len(three) == len(one)


@pytest.mark.parametrize(("answer", "state"), [("uphold", "admitted"), ("dismiss", "rejected")])
def test_an_appeal_is_answered_from_the_works_page(organiser, answer, state):
    appeal = AppealFactory()
    url = reverse("competition_appeal_answer", args=[appeal.pk, answer])
    works_page = reverse("works:inspect", args=[appeal.entry_id])
    assert url in organiser.get(works_page).content.decode()
    assert appeal.text in organiser.get(url).content.decode()
    assert organiser.post(url, {"reason": ""}).status_code == 200
    assert organiser.post(url, {"reason": "已复核"}).url == works_page
    assert state_of(appeal.entry) == state
    page = organiser.get(works_page).content.decode()
    assert "已复核" in page
    assert url not in page


def test_an_appeal_has_two_answers_and_only_the_organiser_gives_them(organiser, judge, manager):
    appeal = AppealFactory()
    assert organiser.get(f"/admin/competition/appeals/{appeal.pk}/ignore/").status_code == 404
    url = reverse("competition_appeal_answer", args=[appeal.pk, "uphold"])
    for client in (judge, manager):
        assert client.post(url, {"reason": "x"}).status_code == 302
    appeal.refresh_from_db()
    assert appeal.answer == ""
