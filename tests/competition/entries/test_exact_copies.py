"""The same bytes can't take part twice in one edition."""

import pytest
from django.urls import reverse
from django.utils import translation

from competition.entries.checks import EntryRefused
from competition.entries.exact_copies import NO_COPIES, find_copies
from competition.entries.grid import read_grid
from competition.entries.services import submit_entry, withdraw_entry
from competition.entries.wishes import fulfil_wish, wish_submission
from media_processing.models import MediaAsset
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
        f"File 1 is the same as in your work {first.number} “晨光”, which takes part already. "
        "Please replace the file, or delete this draft."
    ]


def test_a_copy_of_a_foreign_work_is_refused_without_a_word_about_it(world):
    company, entrant = another_company(world)
    other = world.draft(title="晨光", organisation=company)
    submit(holding(other, SAME), entrant)
    (sentence,) = refusal(holding(world.draft(), SAME), world.entrant)
    assert sentence.startswith("File 1 takes part in this edition already: another organisation")
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
    notes = [row.notes for row in read_grid(world.edition, world.company).rows]
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
    assert (row.notes, row.problems, row.is_ready) == ([], [], True)
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
        f"File 1 is the same as in your work {first.number} “晨光”, which takes part already. "
        "Please replace the file, or delete this draft."
    ]


def test_the_page_of_the_work_says_so(world, client):
    first = submit(holding(world.draft(title="晨光"), SAME), world.entrant)
    copy = holding(world.draft(), SAME)
    client.force_login(world.entrant)
    for name in ("entry-edit", "entry-frames"):
        assert first.number in client.get(reverse(name, args=[copy.pk])).content.decode()


def test_a_wish_is_refused_when_the_file_turns_out_to_be_a_copy(world):
    submit(holding(world.draft(), SAME), world.entrant)
    work = holding(world.draft(), "")
    wish_submission(entry=work, user=world.entrant, accepts_rights=True)
    MediaAsset.objects.filter(frame__entry=work).update(sha256=SAME)
    fulfil_wish(work)
    work.refresh_from_db()
    assert (work.state, work.submit_when_ready) == ("draft", False)


@pytest.mark.parametrize("works", [1, 3])
def test_one_question_for_all_rows_of_the_desk(world, works, django_assert_num_queries):
    submit(holding(world.draft(), SAME), world.entrant)
    drafts = [holding(world.draft(), SAME) for _ in range(works)]
    with django_assert_num_queries(3):  # frames, assets, copies
        found = find_copies(drafts)
    assert all(copies.own for copies in found.values())
