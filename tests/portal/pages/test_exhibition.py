"""What the public is shown of an edition, and when."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from portal.pages import exhibition
from tests.factories import (
    AwardListFactory,
    CategoryFactory,
    EntryFactory,
    FrameFactory,
    PhaseFactory,
    QuotaFactory,
    SectionFactory,
    close_phase,
    open_phase,
    published,
)


def publish(edition, *awards):
    """Publish a list with these (category, entry, rank)."""
    award_list = published(AwardListFactory(edition=edition), timezone.now())
    for category, entry, rank in awards:
        award_list.awards.create(category=category, entry=entry, rank=rank)


class TestTheGalleryOpens:
    def test_at_the_second_the_vote_opens(self, edition):
        opens_at = timezone.now() + timedelta(days=3)
        PhaseFactory(
            edition=edition, kind="voting", opens_at=opens_at, closes_at=opens_at + timedelta(1)
        )

        with time_machine.travel(opens_at - timedelta(seconds=1), tick=False):
            assert not exhibition.is_gallery_open(edition)
        with time_machine.travel(opens_at, tick=False):
            assert exhibition.is_gallery_open(edition)

    def test_and_stays_open_when_the_vote_has_ended(self, edition):
        close_phase(edition, "voting")
        assert exhibition.is_gallery_open(edition)

    def test_with_the_notice_period_when_there_is_no_vote(self, edition):
        phase = open_phase(edition, "notice")
        assert exhibition.gallery_opens_at(edition) == phase.opens_at
        assert exhibition.is_gallery_open(edition)

    def test_never_because_the_call_or_judging_is_open(self, edition):
        for kind in ("call", "screening", "judging"):
            open_phase(edition, kind)
        assert not exhibition.is_gallery_open(edition)
        assert exhibition.gallery_opens_at(edition) is None

    def test_when_awards_are_published_early(self, edition):
        publish(edition)
        assert exhibition.is_gallery_open(edition)


class TestNames:
    def test_are_withheld_before_and_while_judges_read_blind(self, edition):
        phase = open_phase(edition, "judging")
        assert not exhibition.names_are_public(edition)
        with time_machine.travel(phase.opens_at - timedelta(days=1)):
            assert not exhibition.names_are_public(edition)

    def test_appear_when_judging_has_closed(self, edition):
        close_phase(edition, "judging")
        assert exhibition.names_are_public(edition)

    def test_appear_when_awards_are_published(self, edition):
        open_phase(edition, "judging")
        publish(edition)
        assert exhibition.names_are_public(edition)

    def test_are_public_where_nobody_judges(self, edition):
        open_phase(edition, "voting")
        assert exhibition.names_are_public(edition)


def keys(works):
    return [work.pk for work in works]


class TestWorks:
    def test_only_admitted_ones_are_shown(self, edition, section):
        shown = EntryFactory(section=section, state="admitted")
        for state in ("draft", "submitted", "rejected", "withdrawn", "disqualified"):
            EntryFactory(section=section, state=state)
        EntryFactory(state="admitted")  # of another edition

        assert list(exhibition.gallery_works(edition)) == [shown]
        assert keys(exhibition.on_show(edition)) == [shown.pk]
        assert exhibition.selected_works(edition, 5) == [shown]

    def test_a_search_looks_at_what_is_shown_and_never_at_names(self, edition, section):
        work = EntryFactory(
            section=section,
            state="admitted",
            title="晨光",
            story="四点的面包房",
            place="杭州",
            number="P-000077",
            author_names="李明远",
            credit_line="摄影：李明远",
        )
        EntryFactory(section=section, state="admitted")

        for text in ("晨", "面包房", "杭州", "p-000077"):
            assert keys(exhibition.on_show(edition, text=text)) == [work.pk]
        for text in ("李明远", "摄影", work.organisation.name):
            assert exhibition.on_show(edition, text=text) == []

    def test_are_chosen_by_section(self, edition, section, make_works):
        make_works(2)
        other = SectionFactory(edition=edition)
        work = EntryFactory(section=other, state="admitted")
        assert keys(exhibition.on_show(edition, other)) == [work.pk]

    def test_the_front_page_shows_the_same_all_day_and_others_tomorrow(self, edition, make_works):
        make_works(40)
        now = timezone.now().replace(hour=4)  # noon in Shanghai
        with time_machine.travel(now, tick=False):
            today = exhibition.selected_works(edition, 5)
            assert exhibition.selected_works(edition, 5) == today
        with time_machine.travel(now + timedelta(days=1), tick=False):
            assert exhibition.selected_works(edition, 5) != today
        assert len({work.pk for work in today}) == 5

    def test_neighbours_are_the_admitted_works_of_the_section_by_number(self, edition, section):
        first, second, third = (
            EntryFactory(section=section, state="admitted", number=f"P-00000{n}") for n in (1, 3, 5)
        )
        EntryFactory(section=section, state="rejected", number="P-000002")
        EntryFactory(section=SectionFactory(edition=edition), state="admitted", number="S-000004")

        assert exhibition.neighbours(first) == (None, second)
        assert exhibition.neighbours(second) == (first, third)
        assert exhibition.neighbours(third) == (second, None)

    def test_a_wide_picture_is_taken_for_a_wide_space(self, make_works):
        tall, wide, last = make_works(3)
        tall.frames.get().asset.__class__.objects.filter(frame__entry=tall).update(
            width=2000, height=3000
        )
        works = [tall, wide, last]
        assert exhibition.take_landscape(works) == wide
        assert works == [tall, last]
        assert exhibition.take_landscape([tall]) == tall

    def test_credits_are_each_listed_once_in_order(self, edition, section):
        for line in ("Photo: B", "Photo: A", "Photo: A", ""):
            EntryFactory(section=section, state="admitted", credit_line=line)
        EntryFactory(section=section, state="rejected", credit_line="Photo: C")
        assert exhibition.credit_lines(edition) == ["Photo: A", "Photo: B"]


def test_the_timeline_tells_what_is_done_open_and_coming(edition):
    close_phase(edition, "call")
    open_phase(edition, "voting")
    later = timezone.now() + timedelta(days=9)
    PhaseFactory(edition=edition, kind="notice", opens_at=later, closes_at=later + timedelta(1))

    steps = exhibition.timeline(edition)
    assert [(step.phase.kind, step.state) for step in steps] == [
        ("call", "done"),
        ("voting", "open"),
        ("notice", "coming"),
    ]


def test_awards_stand_by_category_section_and_rank(edition, section):
    series = SectionFactory(edition=edition, kind="photo_series", position=1)
    popular = CategoryFactory(edition=edition, code="popular", position=2)
    expert = CategoryFactory(edition=edition, code="expert", position=1)
    a, b, c = EntryFactory.create_batch(3, section=section, state="admitted")
    d = EntryFactory(section=series, state="admitted")
    assert exhibition.award_groups(edition) == []

    publish(edition, (popular, a, 1), (expert, d, 1), (expert, c, 2), (expert, b, 1))

    first, second = exhibition.award_groups(edition)
    assert (first.category, first.works, first.count) == (expert, [b, c, d], 3)
    assert [of for of, _awards in first.sections] == [section, series]
    assert (second.category, second.works) == (popular, [a])


def test_figures_count_what_came_in_and_was_not_taken_back(edition, section):
    work = EntryFactory(section=section, state="admitted")
    FrameFactory(entry=work, position=2)
    EntryFactory(section=section, state="rejected", organisation=work.organisation)
    for state in ("draft", "withdrawn", "disqualified"):
        EntryFactory(section=section, state=state)

    assert exhibition.edition_figures(edition) == {"works": 2, "organisations": 1, "frames": 3}


def test_places_are_shown_for_each_category_and_section(edition, section):
    other = SectionFactory(edition=edition)
    category = CategoryFactory(edition=edition)
    QuotaFactory(category=category, section=section, places=7)

    (row,) = exhibition.quota_table(edition, [section, other])
    assert (row.category, row.places, row.total) == (category, [7, 0], 7)
