"""The screeners' pages, as a browser without JavaScript meets them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competition.editions.queries import current_declaration
from competition.entries.models import Entry, EntryRevision, NearCopy
from competition.entries.services import submit_entry, update_entry
from competition.screening.models import Forwarding, Meeting, ScreeningCard, ScreeningCriterion
from competition.screening.queries import scores_on
from competition.screening.services import open_meeting, return_for_revision, save_card, show_work
from tests.competition.entries.worlds import World
from tests.factories import CompanyFactory, CriterionFactory, MembershipFactory

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def world():
    world = World()
    for code in ("theme", "story"):
        CriterionFactory(edition=world.edition, code=code, title=code)
    return world


@pytest.fixture
def member(world):
    return MembershipFactory(organisation=world.association, role="contributor").user


def give(entry, who, **scores):
    revision = entry.revisions.order_by("-number").first()
    save_card(revision=revision, screener=who, actor=who, scores=scores)


def listed(client, **wanted):
    return list(client.get(reverse("screening"), wanted).context["works"])


# --- the grid -----------------------------------------------------------------------------


def test_the_grid_counts_and_filters(screener, world):
    waiting, forwarded = world.entry("submitted"), world.entry("forwarded")
    world.draft()
    World().entry("submitted", organisation=MembershipFactory().organisation)
    everything = screener.get(reverse("screening"), {"edition": world.edition.slug})
    assert set(everything.context["works"]) == {waiting, forwarded}
    counts = {code: count for code, _label, count in everything.context["filters"]}
    assert counts == dict.fromkeys(counts, 0) | {"submitted": 1, "forwarded": 1}
    assert "draft" not in counts
    assert listed(screener, edition=world.edition.slug, state="forwarded") == [forwarded]


def test_the_grid_filters_by_section_company_and_what_is_left_to_do(screener, world):
    other = CompanyFactory(association=world.association)
    scored, untouched = world.submitted(), world.submitted()
    foreign = world.entry("submitted", organisation=other, number="P-900000")
    give(scored, world.manager, theme=5)
    return_for_revision(entry=untouched, user=world.manager, reason="改")
    update_entry(entry=untouched, user=world.entrant, title="新")
    submit_entry(entry=untouched, user=world.entrant, accepts_rights=True)
    assert listed(screener, organisation=other.pk) == [foreign]
    assert listed(screener, section=world.section.pk + 1) == []
    assert listed(screener, section="9" * 30) == []
    assert set(listed(screener, show="unscored")) == {untouched, foreign}
    assert listed(screener, show="revised") == [untouched]
    assert len(listed(screener, show="x", state="nonsense", sort="'")) == 3


def test_the_grid_sorts_by_the_panels_mean(screener, world):
    low, none, high = world.submitted(), world.submitted(), world.submitted()
    give(low, world.manager, theme=2, story=2)
    give(high, world.manager, theme=9, story=8)
    assert listed(screener, sort="mean") == [high, low, none]
    assert listed(screener)[0].number < listed(screener)[-1].number
    assert [work.mean for work in listed(screener, sort="mean")] == [8.5, 2.0, None]


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", ["screening", "screening-sheets"])
def test_lists_ask_as_often_for_three_works_as_for_one(screener, world, page):
    give(world.submitted(), world.manager, theme=5, story=5)
    url = reverse(page)
    one = queries_of(screener, url)
    for _ in range(2):
        give(world.submitted(), world.manager, theme=5, story=5)
    assert queries_of(screener, url) == one


def make_alike(one, other):
    """Flag the two works as near copies, as processing does."""
    frames = sorted((one.frames.get().pk, other.frames.get().pk))
    NearCopy.objects.create(frame_id=frames[1], other_id=frames[0], distance=3)


def test_what_looks_like_other_works_has_a_badge_and_a_filter(screener, world):
    one, other, alone = (world.submitted() for _ in range(3))
    make_alike(one, other)
    dismissed = world.submitted()
    make_alike(alone, dismissed)
    NearCopy.objects.filter(frame__entry=dismissed).update(dismissed_at=timezone.now())
    everything = screener.get(reverse("screening"))
    flags = {entry: entry.is_flagged for entry in everything.context["works"]}
    assert flags == {one: True, other: True, alone: False, dismissed: False}
    assert everything.text.count("badge--waiting") == 2
    chosen = screener.get(reverse("screening"), {"show": "alike"}).context["works"]
    assert list(chosen) == [one, other]


def test_a_draft_of_another_company_flags_nothing(screener, world):
    one = world.submitted()
    make_alike(one, world.draft())
    assert [work.is_flagged for work in screener.get(reverse("screening")).context["works"]] == [
        False
    ]


def test_flags_cost_no_query_for_each_work(screener, world):
    url = f"{reverse('screening')}?show=alike"
    make_alike(world.submitted(), world.submitted())
    two = queries_of(screener, url)
    for _ in range(2):
        make_alike(world.submitted(), world.submitted())
    assert queries_of(screener, url) == two


def test_five_thousand_works_cost_as_many_queries_as_one(screener, world):
    give(world.submitted(), world.manager, theme=5, story=5)
    url = f"{reverse('screening')}?sort=mean"
    work_url = reverse("screening-entry", args=[Entry.objects.get().pk])
    before = queries_of(screener, url), queries_of(screener, work_url)
    declaration = current_declaration(world.edition)
    Entry.objects.bulk_create(
        Entry(
            edition=world.edition,
            section=world.section,
            organisation=world.company,
            created_by=world.entrant,
            number=f"P-{n:06d}",
            state="submitted",
            title="作品",
            rights_accepted_at=timezone.now(),
            declaration=declaration,
        )
        for n in range(10, 5010)
    )
    EntryRevision.objects.bulk_create(
        EntryRevision(
            entry=entry,
            number=1,
            content={"frames": []},
            declaration=declaration,
            submitted_by=world.entrant,
        )
        for entry in Entry.objects.filter(revisions=None)
    )
    assert (queries_of(screener, url), queries_of(screener, work_url)) == before
    assert screener.get(url).context["works"].paginator.count == 5001
    unscored = screener.get(url + "&show=unscored")
    assert unscored.context["works"].paginator.count == 5000


def test_a_member_scores_and_sees_no_button_to_decide(client, world, member):
    client.force_login(member)
    entry = world.submitted()
    url = reverse("screening-entry", args=[entry.pk])
    assert b'value="forward"' not in client.get(url).content
    client.post(url, {"do": "forward"})
    entry.refresh_from_db()
    assert entry.state == "submitted"
    answer = client.post(
        reverse("screening-card", args=[entry.pk]), {"revision": 1, "score-theme": 7}
    )
    assert answer.headers["Location"] == url
    assert scores_on(ScreeningCard.objects.get(screener=member)) == {"theme": 7}
    assert client.post(reverse("screening-bulk"), {"work": entry.pk}).status_code == 404
    assert client.get(reverse("screening-criteria")).status_code == 404


# --- one work -----------------------------------------------------------------------------


def test_the_script_is_told_that_a_card_is_saved_or_why_not(screener, world):
    url = reverse("screening-card", args=[world.submitted().pk])
    saved = screener.post(url, {"revision": 1, "score-theme": "8", "score-story": ""}, **JSON)
    assert (saved.status_code, saved.json()) == (200, {"messages": []})
    for wrong in ({"score-theme": "11"}, {"score-theme": "x"}):
        refused = screener.post(url, {"revision": 1, **wrong}, **JSON)
        assert (refused.status_code, len(refused.json()["messages"])) == (422, 1)
    assert scores_on(ScreeningCard.objects.get()) == {"theme": 8}
    assert screener.post(url, {"revision": "9"}).status_code == 404


def test_a_decision_leads_to_the_next_work_that_waits(screener, world):
    first, second = world.entry("submitted"), world.entry("submitted")
    answer = screener.post(reverse("screening-entry", args=[first.pk]), {"do": "forward"})
    assert answer.headers["Location"] == reverse("screening-entry", args=[second.pk])
    answer = screener.post(
        reverse("screening-entry", args=[second.pk]),
        {"do": "return", "reason": "太暗", "revise_by": "2099-01-02T03:04"},
    )
    assert answer.headers["Location"] == reverse("screening")
    assert set(Entry.objects.values_list("state", "advice")) == {
        ("forwarded", ""),
        ("returned", "太暗"),
    }
    second.refresh_from_db()
    assert timezone.localtime(second.revise_by).isoformat()[:16] == "2099-01-02T03:04"


def test_the_queue_keeps_the_grids_filters_and_order(screener, world):
    low, high = world.submitted(), world.submitted()
    give(low, world.manager, theme=2, story=2)
    give(high, world.manager, theme=9, story=9)
    page = screener.get(reverse("screening-entry", args=[high.pk]), {"sort": "mean"})
    assert (page.context["previous"], page.context["next"]) == (None, low.pk)
    assert page.context["query"] == "sort=mean"
    third = world.submitted()
    answer = screener.post(
        reverse("screening-entry", args=[low.pk]) + "?sort=mean",
        {"do": "forward", "seen": low.revisions.get().pk},
    )
    assert answer.headers["Location"] == reverse("screening-entry", args=[third.pk]) + "?sort=mean"


def test_a_decision_without_a_reason_keeps_the_page(screener, world):
    entry = world.entry("submitted")
    answer = screener.post(reverse("screening-entry", args=[entry.pk]), {"do": "decline"})
    assert answer.status_code == 200
    assert len(answer.context["messages"]) == 1


def test_a_reason_longer_than_a_page_is_kept_and_not_sent(screener, world):
    entry = world.entry("submitted")
    url = reverse("screening-entry", args=[entry.pk])
    for reason in ("长" * 2001, "a\x00b"):
        page = screener.post(url, {"do": "decline", "reason": reason})
        assert page.context["form"].errors.keys() == {"reason"}
    entry.refresh_from_db()
    assert entry.state == "submitted"


def test_before_screening_opens_works_can_be_seen_and_not_decided(screener, world):
    entry = world.entry("submitted")
    world.edition.phases.filter(kind="screening").update(
        opens_at=timezone.now() + timedelta(days=1), closes_at=timezone.now() + timedelta(days=2)
    )
    url = reverse("screening-entry", args=[entry.pk])
    assert b'value="forward"' not in screener.get(url).content
    screener.post(url, {"do": "forward"})
    entry.refresh_from_db()
    assert entry.state == "submitted"


def test_a_returned_works_page_shows_what_was_submitted_not_what_is_being_typed(screener, world):
    entry = world.submitted(story="交来的故事")
    return_for_revision(entry=entry, user=world.manager, reason="改")
    update_entry(entry=entry, user=world.entrant, story="还没写完")
    page = screener.get(reverse("screening-entry", args=[entry.pk])).content.decode()
    assert "交来的故事" in page
    assert "还没写完" not in page


def test_a_revised_work_shows_old_and_new_with_the_cards_of_each(screener, world):
    entry = world.submitted(title="<旧>")
    give(entry, world.manager, theme=3, story=3)
    return_for_revision(entry=entry, user=world.manager, reason="改")
    update_entry(entry=entry, user=world.entrant, title="<新>")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    page = screener.get(reverse("screening-entry", args=[entry.pk]))
    text = page.content.decode()
    assert "&lt;<del>旧</del>" in text.replace("\n", "")
    assert "<ins>新</ins>" in text
    ((_card, value),) = page.context["earlier"][0].cards
    assert value == 3.0


# --- several at once ----------------------------------------------------------------------


def test_several_are_looked_at_before_they_go_and_then_go(screener, world):
    world.section.forwarded_per_association = 1
    world.section.save()
    first, second = world.entry("submitted"), world.entry("submitted")
    admitted = world.entry("admitted")
    ticked = [first.pk, second.pk, admitted.pk, World().entry("submitted").pk]
    url = f"{reverse('screening-bulk')}?edition={world.edition.slug}"
    preview = screener.post(url, {"work": ticked, "do": "forward"})
    assert preview.context["going"] == [first]
    assert [entry for entry, _why in preview.context["staying"]] == [second, admitted]
    assert [(one.left, after) for one, after in preview.context["places"]] == [(1, 0)]
    assert not Forwarding.objects.exists()
    done = screener.post(url, {"work": [first.pk], "do": "forward", "confirm": "yes"})
    assert done.status_code == 302
    assert Forwarding.objects.get().entry == first


def test_several_are_declined_with_one_reason(screener, world):
    works = [world.entry("submitted").pk, world.entry("submitted").pk]
    data = {"work": works, "do": "decline", "confirm": "yes"}
    again = screener.post(reverse("screening-bulk"), data)  # no reason: the preview asks for it
    assert again.context["form"].errors.keys() == {"reason"}
    assert set(Entry.objects.values_list("state", flat=True)) == {"submitted"}
    screener.post(reverse("screening-bulk"), data | {"reason": "离题"})
    assert set(Entry.objects.values_list("state", "advice")) == {("not_forwarded", "离题")}


# --- criteria, sheets, meeting ------------------------------------------------------------


def test_a_manager_gives_the_association_its_own_criteria(screener, world):
    url = reverse("screening-criteria")
    assert screener.get(url).status_code == 200
    data = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 0,
        "form-0-title": "安全",
        "form-0-title_en": "Safety",
        "form-0-weight": 3,
    }
    assert screener.post(url, data).status_code == 302
    own = ScreeningCriterion.objects.get()
    assert (own.association, own.title, own.weight) == (world.association, "安全", 3)
    page = screener.get(reverse("screening-sheets")).content.decode()
    assert "安全" in page


def test_sheets_have_a_box_for_each_criterion_or_the_panels_means(screener, world):
    give(world.submitted(), world.manager, theme=7, story=8)
    empty = screener.get(reverse("screening-sheets")).content.decode()
    assert empty.count("score-sheet__box") == 2
    filled = screener.get(reverse("screening-sheets"), {"sheet": "filled"}).content.decode()
    assert "score-sheet__box" not in filled
    assert "7.50" in filled


@pytest.fixture
def meeting(world):
    meeting = open_meeting(association=world.association, edition=world.edition, user=world.manager)
    return show_work(meeting=meeting, entry=world.submitted(), user=world.manager)


def test_a_manager_opens_the_meeting_and_turns_its_pages(screener, world):
    first, second = world.submitted(), world.submitted()
    answer = screener.post(reverse("screening-meeting"))
    assert reverse("screening-projector") in answer.headers["Location"]
    page = screener.get(reverse("screening-projector"))
    assert (page.context["entry"], page.context["next"]) == (first, second)
    assert first.author_names not in page.content.decode()
    screener.post(reverse("screening-meeting-show"), {"names": "shown"})
    assert first.author_names in screener.get(reverse("screening-projector")).content.decode()
    screener.post(reverse("screening-meeting-show"), {"work": second.pk})
    assert Meeting.objects.get().entry == second
    foreign = World().submitted()
    answer = screener.post(reverse("screening-meeting-show"), {"work": foreign.pk})
    assert answer.status_code == 404


def test_scores_are_keyed_in_for_each_member_and_shown_when_asked(screener, world, member, meeting):
    data = {"revision": 1, f"score-{member.pk}-theme": "7", f"score-{member.pk}-story": "10"}
    screener.post(reverse("screening-meeting-scores"), data)
    assert scores_on(ScreeningCard.objects.get(screener=member)) == {"theme": 7, "story": 10}
    hidden = screener.get(reverse("screening-projector"))
    assert "8.50" not in hidden.content.decode()
    assert [row["has_scored"] for row in hidden.context["rows"]] == [False, True]
    screener.post(reverse("screening-meeting-show"), {"scores": "shown"})
    assert "8.50" in screener.get(reverse("screening-projector")).content.decode()
    stale = {f"was-{member.pk}": "1,1", f"score-{member.pk}-theme": 1}
    stale |= {"revision": 1, f"score-{member.pk}-story": 1}  # as the page was loaded
    screener.post(reverse("screening-meeting-scores"), stale)
    assert scores_on(ScreeningCard.objects.get(screener=member)) == {"theme": 7, "story": 10}
    wrong = {"revision": 1, f"score-{member.pk}-theme": "x"}
    answer = screener.post(reverse("screening-meeting-scores"), wrong, **JSON)
    assert answer.status_code == 422


def test_a_members_phone_has_the_projectors_work_and_leads_back_to_itself(
    client, world, member, meeting
):
    client.force_login(member)
    page = client.get(reverse("screening-meeting-card"))
    assert page.context["entry"] == meeting.entry
    answer = client.post(
        reverse("screening-card", args=[meeting.entry_id]),
        {"revision": 1, "score-theme": 9, "back": "meeting"},
    )
    assert reverse("screening-meeting-card") in answer.headers["Location"]
    assert client.get(reverse("screening-projector")).status_code == 404


def test_the_meetings_state_is_not_sent_again_until_it_changes(client, world, member, meeting):
    client.force_login(member)
    url = reverse("screening-meeting-state")
    first = client.get(url)
    assert first.json()["work"] == meeting.entry_id
    again = {"HTTP_IF_NONE_MATCH": first.headers["ETag"]}
    assert client.get(url, **again).status_code == 304
    give(meeting.entry, member, theme=5)
    assert client.get(url, **again).status_code == 200
