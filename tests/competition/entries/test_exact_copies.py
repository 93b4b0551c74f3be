"""The same bytes can't take part twice in one edition."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from competition.entries.checks import EntryRefused
from competition.entries.exact_copies import NO_COPIES, find_copies, frames_with
from competition.entries.grid import read_grid
from competition.entries.models import Entry, Frame
from competition.entries.services import submit_entry, withdraw_entry
from competition.entries.wishes import fulfil_wish, wish_submission
from media_processing.models import MediaAsset
from portal.notifications.models import Notice
from tests.competition.entries.worlds import World
from tests.factories import (
    AssetFactory,
    CompanyFactory,
    EditionFactory,
    FrameFactory,
    MembershipFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db

SAME = "5" * 64


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def holding(entry, *digests):
    """Give the work files with these digests instead of its own."""
    entry.frames.all().delete()
    for position, digest in enumerate(digests, start=1):
        FrameFactory(entry=entry, position=position, asset=AssetFactory(sha256=digest))
    return entry


def submit(entry, user):
    return submit_entry(entry=entry, user=user, accepts_rights=True)


def refusal(entry, user):
    with pytest.raises(EntryRefused) as refused:
        submit(entry, user)
    entry.refresh_from_db()
    assert entry.state in ("draft", "returned")
    return refused.value.messages


def another_company(world: World):
    """Return another company of the edition, and its entrant."""
    company = CompanyFactory(association=world.association)
    return company, MembershipFactory(organisation=company).user


def test_a_copy_of_an_own_work_is_refused_and_the_work_is_named(world):
    first = submit(holding(world.draft(title="晨光"), SAME), world.entrant)
    assert refusal(holding(world.draft(), SAME), world.entrant) == [
        f"File 1 is the same as in your work {first.number} “晨光”, which was submitted already. "
        "Please replace the file, or give this work up."
    ]


def test_a_copy_of_a_foreign_work_is_refused_without_a_word_about_it(world):
    company, entrant = another_company(world)
    other = world.draft(title="晨光", organisation=company)
    submit(holding(other, SAME), entrant)
    (sentence,) = refusal(holding(world.draft(), SAME), world.entrant)
    assert sentence.startswith(
        "Another organisation has submitted exactly the same file as file 1 in"
    )
    other.refresh_from_db()
    for secret in (other.number, other.title, company.name, other.author_names):
        assert secret not in sentence


@pytest.mark.parametrize(
    "state", ["submitted", "returned", "forwarded", "not_forwarded", "admitted", "rejected"]
)
def test_a_work_counts_whatever_was_decided_of_it(world, state):
    first = submit(holding(world.draft(), SAME), world.entrant)
    type(first).objects.filter(pk=first.pk).update(state=state)
    assert len(refusal(holding(world.draft(), SAME), world.entrant)) == 1


def test_a_disqualified_work_counts_too(world):
    first = submit(holding(world.draft(), SAME), world.entrant)
    type(first).objects.filter(pk=first.pk).update(state="disqualified")
    assert len(refusal(holding(world.draft(), SAME), world.entrant)) == 1


def test_a_withdrawn_work_makes_room(world):
    first = submit(holding(world.draft(), SAME), world.entrant)
    withdraw_entry(entry=first, user=world.entrant)
    assert submit(holding(world.draft(), SAME), world.entrant).state == "submitted"


def test_another_edition_is_another_matter(world):
    submit(holding(world.draft(), SAME), world.entrant)
    later = World(section=SectionFactory(edition=EditionFactory()))
    assert submit(holding(later.draft(), SAME), later.entrant).state == "submitted"


def test_files_that_nobody_has_read_yet_are_like_no_other(world):
    submit(holding(world.draft(), SAME), world.entrant)
    first, second = holding(world.draft(), ""), holding(world.draft(), "")
    assert list(find_copies([first, second]).values()) == [NO_COPIES, NO_COPIES]


def test_of_two_own_drafts_each_tells_of_the_other_and_one_may_go(world):
    first = holding(world.draft(title="一"), SAME)
    second = holding(world.draft(title="二"), SAME)
    notes = [row.copies.notes for row in read_grid(world.edition, world.company).rows]
    assert notes == [
        ["File 1 is also in the draft “二”: only one of the two can be submitted."],
        ["File 1 is also in the draft “一”: only one of the two can be submitted."],
    ]
    assert submit(first, world.entrant).state == "submitted"
    assert len(refusal(second, world.entrant)) == 1


def test_nobody_hears_of_a_foreign_draft(world):
    company, _entrant = another_company(world)
    holding(world.draft(organisation=company), SAME)
    mine = holding(world.draft(), SAME)
    (row,) = read_grid(world.edition, world.company).rows
    assert (row.copies, row.problems, row.is_ready) == (NO_COPIES, [], True)
    assert submit(mine, world.entrant).state == "submitted"


def test_the_same_file_twice_in_one_series_is_refused(world):
    world.section.kind, world.section.min_frames, world.section.max_frames = "photo_series", 2, 8
    world.section.save()
    series = holding(world.draft(), SAME, "6" * 64, SAME)
    assert refusal(series, world.entrant) == ["File 3 is in this work already. Please remove it."]


def test_a_returned_work_is_no_copy_of_itself(world):
    work = submit(holding(world.draft(), SAME), world.entrant)
    type(work).objects.filter(pk=work.pk).update(state="returned")
    work.refresh_from_db()
    assert submit(work, world.entrant).state == "submitted"


def test_a_returned_work_can_not_come_back_with_the_file_of_another(world):
    submit(holding(world.draft(), SAME), world.entrant)
    work = submit(holding(world.draft(), "6" * 64), world.entrant)
    type(work).objects.filter(pk=work.pk).update(state="returned")
    work.refresh_from_db()
    assert len(refusal(holding(work, SAME), world.entrant)) == 1


def test_the_desk_says_so_as_soon_as_the_file_is_read(world):
    first = submit(holding(world.draft(title="晨光"), SAME), world.entrant)
    holding(world.draft(), SAME)
    (row,) = read_grid(world.edition, world.company).rows
    assert not row.is_ready
    assert row.problems == [
        f"File 1 is the same as in your work {first.number} “晨光”, which was submitted already. "
        "Please replace the file, or give this work up."
    ]


def test_a_file_that_cannot_be_used_is_like_no_other(world):
    first, second = holding(world.draft(), SAME), holding(world.draft(), SAME)
    MediaAsset.objects.filter(frame__entry=second).update(state="refused")
    assert list(find_copies([first, second]).values()) == [NO_COPIES, NO_COPIES]


def test_the_page_of_the_work_says_so_and_leads_to_the_other(world, client):
    first = submit(holding(world.draft(title="晨光"), SAME), world.entrant)
    copy = holding(world.draft(), SAME)
    client.force_login(world.entrant)
    link = f'<a href="{reverse("entry-detail", args=[first.pk])}">{first.number} 晨光</a>'
    desk = reverse("works-desk", args=[world.company.pk, world.edition.slug])
    pages = [reverse(name, args=[copy.pk]) for name in ("entry-edit", "entry-frames")]
    for page in [*pages, desk]:
        assert link in client.get(page).content.decode()


def test_no_page_names_a_foreign_work(world, client):
    company, entrant = another_company(world)
    other = submit(holding(world.draft(title="晨光", organisation=company), SAME), entrant)
    copy = holding(world.draft(), SAME)
    client.force_login(world.entrant)
    desk = reverse("works-desk", args=[world.company.pk, world.edition.slug])
    pages = [reverse(name, args=[copy.pk]) for name in ("entry-edit", "entry-frames")]
    for page in [*pages, desk]:
        shown = client.get(page).content.decode()
        assert "Another organisation has submitted exactly the same file" in shown
        for secret in (other.number, other.title, company.name, f"/{other.pk}/"):
            assert secret not in shown


def test_the_script_hears_of_it_when_another_work_goes_first(world, client):
    first, second = holding(world.draft(), SAME), holding(world.draft(), SAME)
    client.force_login(world.entrant)
    url = reverse("works-desk-status", args=[world.company.pk, world.edition.slug])
    before = client.get(url).json()["rows"]
    submit(first, world.entrant)
    after = client.get(url).json()["rows"]
    assert list(after) == [str(second.pk)]
    assert after[str(second.pk)] != before[str(second.pk)]


def test_a_wish_for_a_copy_is_refused_and_the_person_told_why(world):
    first = submit(holding(world.draft(), SAME), world.entrant)
    work = holding(world.draft(), "")
    wish_submission(entry=work, user=world.entrant, accepts_rights=True)
    MediaAsset.objects.filter(frame__entry=work).update(sha256=SAME)
    world.entrant.language = "en"
    world.entrant.save()
    fulfil_wish(work)
    work.refresh_from_db()
    assert (work.state, work.submit_when_ready) == ("draft", False)
    notice = Notice.objects.get(kind="entry_not_submitted")
    assert notice.recipient == world.entrant
    assert first.number in notice.context["reason"]


@pytest.mark.parametrize("page", ["works-desk", "works-desk-status"])
def test_the_desk_asks_as_often_for_three_copies_as_for_one(
    world, client, page, django_assert_num_queries
):
    submit(holding(world.draft(), SAME), world.entrant)
    holding(world.draft(), SAME)
    client.force_login(world.entrant)
    url = reverse(page, args=[world.company.pk, world.edition.slug])
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(2):
        holding(world.draft(), SAME)
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_finding_copies_among_five_thousand_works_takes_the_index(world):
    """Each file is looked up by its digest: what else the edition holds costs nothing."""
    draft = holding(world.draft(), SAME)
    first = draft.frames.get().asset
    assets = MediaAsset.objects.bulk_create(
        MediaAsset(kind="photo", byte_size=1, sha256=f"{n:064x}", rules=first.rules, state="ready")
        for n in range(5000)
    )
    works = Entry.objects.bulk_create(
        Entry(
            edition=world.edition,
            section=world.section,
            organisation=world.company,
            created_by=world.entrant,
            title="一",
            author_names="二",
        )
        for _ in range(5000)
    )
    Frame.objects.bulk_create(
        Frame(entry=work, asset=asset, position=1)
        for work, asset in zip(works, assets, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = frames_with([SAME, "6" * 64], draft).explain()
    assert "media_processing_mediaasset_sha256" in plan
    assert not re.search(r"Seq Scan|SCAN", plan), plan
