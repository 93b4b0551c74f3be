"""Copying an edition for next year."""

from datetime import timedelta

import pytest
from wagtail.models import ModelLogEntry

from competition.editions.models import Edition
from competition.editions.queries import current_declaration
from competition.editions.services import copy_edition, publish_declaration
from competition.editions.signals import edition_copied
from competition.entries.models import Entry
from tests.factories import (
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    PhaseFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture
def edition():
    edition = EditionFactory(slug="2026", title="第三届", score_max=100)
    SectionFactory(
        edition=edition,
        kind="photo_series",
        title="组照",
        formats=["jpeg", "tiff"],
        min_frames=4,
        max_frames=8,
        min_long_side=3000,
        entries_per_organisation=20,
    )
    CriterionFactory(edition=edition, code="theme", title="主题性", weight=3)
    PhaseFactory(edition=edition, kind="call")
    return edition


def copy(edition, **changes):
    values = {"slug": "2027", "title": "第四届", "shift": YEAR, "actor": UserFactory()}
    return copy_edition(edition=edition, **(values | changes))


def test_a_copy_has_its_own_name_and_the_same_rules(edition):
    made = copy(edition, title_en="The fourth")
    assert (made.slug, made.title, made.title_en) == ("2027", "第四届", "The fourth")
    assert (made.theme, made.score_max) == (edition.theme, 100)
    section = made.sections.get()
    assert section.pk != edition.sections.get().pk
    assert (section.kind, section.formats, section.min_frames, section.max_frames) == (
        "photo_series",
        ["jpeg", "tiff"],
        4,
        8,
    )
    assert (section.min_long_side, section.entries_per_organisation) == (3000, 20)
    criterion = made.criteria.get()
    assert (criterion.code, criterion.title, criterion.weight) == ("theme", "主题性", 3)


def test_phases_move_by_the_shift(edition):
    phase, moved = edition.phases.get(), copy(edition).phases.get()
    assert (moved.kind, moved.opens_at, moved.closes_at) == (
        "call",
        phase.opens_at + YEAR,
        phase.closes_at + YEAR,
    )


def test_the_source_keeps_what_it_has_and_no_work_is_copied(edition):
    EntryFactory(section=edition.sections.get(), state="admitted")
    made = copy(edition)
    assert edition.sections.count() == edition.criteria.count() == edition.phases.count() == 1
    assert made.entries.count() == 0
    assert Entry.objects.count() == 1


def test_the_other_rooms_hear_of_it_with_the_sections_matched(edition):
    heard = []

    def listen(sender, **news):
        heard.append((news["source"], news["copy"], news["sections"]))

    edition_copied.connect(listen)
    try:
        made = copy(edition)
    finally:
        edition_copied.disconnect(listen)
    assert heard == [(edition, made, {edition.sections.get().pk: made.sections.get()})]


def test_a_receiver_that_fails_undoes_the_whole_copy(edition):
    def fail(sender, **news):
        raise RuntimeError

    edition_copied.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            copy(edition)
    finally:
        edition_copied.disconnect(fail)
    assert Edition.objects.get() == edition


def test_the_copy_is_logged_with_who_and_from_what(edition):
    actor = UserFactory()
    made = copy(edition, actor=actor)
    line = ModelLogEntry.objects.get(action="competition.edition.copy")
    assert (line.object_id, line.user, line.data) == (
        str(made.pk),
        actor,
        {"source": "2026", "shift_days": 365},
    )


# --- the rights declaration ---------------------------------------------------------------


def declare(edition, text, text_en=""):
    return publish_declaration(edition=edition, text=text, text_en=text_en, actor=UserFactory())


def test_a_changed_text_is_the_next_version_and_the_earlier_ones_stay():
    edition = EditionFactory(declarations=False)
    assert current_declaration(edition) is None
    declare(edition, "一")
    declare(edition, "二", "two")
    kept = edition.declarations.values_list("number", "text", "text_en")
    assert list(kept) == [(1, "一", ""), (2, "二", "two")]
    assert current_declaration(edition).number == 2


@pytest.mark.parametrize("same", ["一\n二", "一\r\n二", " 一\n二\n"])
def test_the_same_text_makes_no_version_and_no_line_in_the_log(same):
    edition = EditionFactory(declarations=False)
    first = declare(edition, "一\n二", "one")
    assert declare(edition, same, "one") == first
    assert edition.declarations.count() == 1
    line = ModelLogEntry.objects.get(action="competition.edition.declare")
    assert (line.object_id, line.data) == (str(edition.pk), {"declaration": 1})


def test_a_copy_begins_with_the_text_in_force_as_its_first_version(edition):
    declare(edition, "二")
    assert copy(edition).declarations.values_list("number", "text").get() == (1, "二")
