"""The organiser makes an edition in one form, and copies it."""

import pytest
from django.urls import reverse

from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from tests.factories import (
    AssignmentFactory,
    BallotFactory,
    CategoryFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    PhaseFactory,
    QuotaFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db


def formset(prefix, rows, initial=0):
    """Return the fields of one inline formset as a browser posts them."""
    data = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for index, row in enumerate(rows):
        data |= {f"{prefix}-{index}-{name}": value for name, value in ({"id": ""} | row).items()}
    return data


def section(**changes):
    row = {
        "kind": "single_photo",
        "title": "单幅照片",
        "title_en": "Single photo",
        "position": 1,
        "formats": ["jpeg", "heic"],
        "min_long_side": 3000,
        "max_mb": 50,
        "min_frames": 1,
        "max_frames": 1,
        "min_seconds": 0,
        "max_seconds": 0,
        "entries_per_organisation": 30,
        "forwarded_per_association": 20,
    }
    return row | changes


SERIES = section(kind="photo_series", title="组照", formats=[], min_frames=4, max_frames=8)
VIDEO = section(
    kind="micro_video", title="微视频", formats=["mp4"], min_seconds=30, max_seconds=300, max_mb=500
)
CALL = {"kind": "call", "opens_at": "2027-03-01 09:00", "closes_at": "2027-05-31 18:00"}
VOTING = {"kind": "voting", "opens_at": "2027-07-01 09:00", "closes_at": "2027-07-10 18:00"}


def edition_form(sections=(), phases=(), criteria=(), initial=0, **changes):
    basics = {
        "title": "第四届摄影与微视频大赛",
        "title_en": "Fourth contest",
        "theme": "光影之间",
        "theme_en": "Between light and shadow",
        "organiser": "行业协会",
        "slug": "2027",
        "rights_declaration": "我声明作品为本人原创。",
        "rights_declaration_en": "",
        "score_min": 1,
        "score_max": 10,
        "grace_minutes": 30,
        "feedback": "none",
    }
    return (
        basics
        | changes
        | formset("sections", list(sections), initial)
        | formset("phases", list(phases))
        | formset("criteria", list(criteria))
    )


CRITERIA = [
    {"code": code, "title": title, "weight": weight, "position": position}
    for position, (code, title, weight) in enumerate(
        [("theme", "主题性", 4), ("artistry", "艺术性", 3), ("story", "故事性", 3)]
    )
]


def post_new(organiser, **form):
    return organiser.post(reverse("editions:add"), edition_form(**form))


def test_an_organiser_creates_a_whole_edition_with_one_post(organiser):
    response = post_new(
        organiser,
        sections=[section(), SERIES, VIDEO],
        phases=[CALL, VOTING],
        criteria=CRITERIA,
    )
    assert response.status_code == 302
    edition = Edition.objects.get(slug="2027")
    assert [
        (one.kind, one.formats, one.min_frames, one.max_frames, one.max_seconds, one.max_mb)
        for one in edition.sections.order_by("pk")
    ] == [
        ("single_photo", ["jpeg", "heic"], 1, 1, 0, 50),
        ("photo_series", [], 4, 8, 0, 50),
        ("micro_video", ["mp4"], 1, 1, 300, 500),
    ]
    assert list(edition.phases.values_list("kind", flat=True)) == ["call", "voting"]
    assert edition.phases.get(kind="call").opens_at.isoformat() == "2027-03-01T01:00:00+00:00"
    assert list(edition.criteria.values_list("code", "weight")) == [
        ("theme", 4),
        ("artistry", 3),
        ("story", 3),
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sections": [section(formats=["mp4"])]}, "mp4"),
        ({"sections": [section(max_frames=3)]}, "max_frames"),
        ({"sections": [section(kind="photo_series", min_frames=8, max_frames=4)]}, "max_frames"),
        ({"sections": [VIDEO | {"min_seconds": 400}]}, "max_seconds"),
        ({"sections": [section()], "phases": [CALL, CALL]}, "phases"),
        (
            {"sections": [section()], "phases": [CALL | {"closes_at": "2027-03-01 08:00"}]},
            "closes_at",
        ),
        ({"sections": [section()], "criteria": [CRITERIA[0], CRITERIA[0]]}, "criteria"),
        ({"sections": [section()], "score_min": 10, "score_max": 10}, "score_max"),
        ({"sections": []}, "sections"),
    ],
    ids=[
        "a format of another kind",
        "many frames in a single photo",
        "frames reversed",
        "seconds reversed",
        "the same phase twice",
        "a phase that closes before it opens",
        "the same criterion twice",
        "no range of scores",
        "no section",
    ],
)
def test_what_cannot_be_is_refused_at_the_form(organiser, wrong, words):
    response = post_new(organiser, **wrong)
    assert response.status_code == 200
    form = response.context["form"]
    errors = [form.errors, *(one.errors for one in form.formsets.values())]
    errors += [one.non_form_errors() for one in form.formsets.values()]
    assert any(errors)
    assert words in str(errors) or words in response.content.decode()
    assert not Edition.objects.exists()


def test_a_section_that_has_works_is_not_removed(organiser):
    edition = EditionFactory(slug="2027")
    kept = SectionFactory(edition=edition)
    EntryFactory(section=kept)
    gone = section(id=kept.pk, DELETE="on")
    response = organiser.post(
        reverse("editions:edit", args=[edition.pk]),
        edition_form(sections=[gone, section()], initial=1),
    )
    assert response.status_code == 200
    assert str(Entry._meta.verbose_name) in str(response.context["form"].non_field_errors())
    assert list(edition.sections.all()) == [kept]


def test_the_form_ticks_the_formats_that_are_kept(organiser):
    edition = EditionFactory()
    SectionFactory(edition=edition, formats=["tiff"])
    page = organiser.get(reverse("editions:edit", args=[edition.pk])).content.decode()
    assert 'name="sections-0-formats" value="tiff"' in page
    ticked = [line for line in page.split("<input") if "checked" in line and "-0-formats" in line]
    assert len(ticked) == 1
    assert 'value="tiff"' in ticked[0]


def change_feedback(organiser, edition, wanted):
    own = edition.sections.get()
    form = edition_form(sections=[section(id=own.pk)], initial=1, feedback=wanted)
    response = organiser.post(reverse("editions:edit", args=[edition.pk]), form)
    edition.refresh_from_db()
    return response


def test_the_organiser_chooses_the_feedback_to_entrants(organiser):
    edition = SectionFactory().edition
    page = organiser.get(reverse("editions:edit", args=[edition.pk])).text
    for choice in ["none", "scores", "comments"]:
        assert f'<option value="{choice}"' in page
    for choice in ["comments", "scores", "none"]:
        assert change_feedback(organiser, edition, choice).status_code == 302
        assert edition.feedback == choice


@pytest.mark.parametrize(("note", "feedback"), [("仅供组织方参考", "none"), ("", "comments")])
def test_notes_written_for_the_organiser_are_never_shown_to_entrants(organiser, note, feedback):
    section_ = SectionFactory()
    work = EntryFactory(section=section_, state="admitted")
    Scorecard.objects.create(assignment=AssignmentFactory(entry=work), note=note)
    response = change_feedback(organiser, section_.edition, "comments")
    assert section_.edition.feedback == feedback
    if note:
        assert set(response.context["form"].errors) == {"feedback"}


def test_the_copy_button_makes_next_years_edition(organiser):
    edition = EditionFactory()
    SectionFactory(edition=edition)
    phase = PhaseFactory(edition=edition)
    CriterionFactory(edition=edition)
    url = reverse("competition_edition_copy", args=[edition.pk])
    assert organiser.get(url).status_code == 200
    response = organiser.post(
        url, {"slug": "2028", "title": "第五届", "title_en": "", "shift_days": 364}
    )
    made = Edition.objects.get(slug="2028")
    assert response.url == reverse("editions:edit", args=[made.pk])
    assert (made.phases.get().opens_at - phase.opens_at).days == 364


def test_a_copy_with_a_taken_short_name_is_refused_with_words(organiser):
    edition = EditionFactory(slug="2026")
    response = organiser.post(
        reverse("competition_edition_copy", args=[edition.pk]),
        {"slug": "2026", "title": "第五届", "shift_days": 365},
    )
    assert response.status_code == 200
    assert "slug" in response.context["form"].errors
    assert Edition.objects.count() == 1


def test_every_room_copies_its_part_and_none_copies_what_people_did(organiser):
    ballot = BallotFactory()
    edition, section = ballot.poll.edition, ballot.entry.section
    ballot.poll.sections.add(section)
    QuotaFactory(category=CategoryFactory(edition=edition), section=section, places=7)
    assignment = AssignmentFactory(
        entry=ballot.entry, judge__panel__edition=edition, round__readings=3
    )
    assignment.round.panels.add(assignment.judge.panel)
    organiser.post(
        reverse("competition_edition_copy", args=[edition.pk]),
        {"slug": "2028", "title": "第五届", "shift_days": 365},
    )
    made = Edition.objects.get(slug="2028")
    assert [judge.user for judge in made.panels.get().judges.all()] == [assignment.judge.user]
    assert made.rounds.get().readings == 3
    assert made.award_categories.get().quotas.get().places == 7
    assert made.award_categories.get().quotas.get().section == made.sections.get()
    assert made.poll.votes_per_day == ballot.poll.votes_per_day
    assert made.entries.count() == made.poll.ballots.count() == made.award_lists.count() == 0
    assert made.rounds.get().assignments.count() == 0


def test_a_new_edition_begins_with_the_usual_sections_and_criteria(organiser):
    page = organiser.get(reverse("editions:add")).content.decode()
    for text in ["单幅照片", "组照", "微视频", "主题性", "艺术性", "故事性"]:
        assert text in page


def test_the_usual_rows_are_saved_as_the_form_shows_them(organiser):
    rows = [SERIES, VIDEO]
    criteria = [
        {
            "title": "主题性",
            "title_en": "",
            "code": "theme",
            "weight": 40,
            "position": 1,
            "description": "",
            "description_en": "",
        }
    ]
    data = {
        "title": "第九届",
        "title_en": "",
        "theme": "光影",
        "theme_en": "",
        "organiser": "",
        "slug": "ninth",
        "rights_declaration": "原创",
        "rights_declaration_en": "",
        "score_min": 1,
        "score_max": 10,
        "grace_minutes": 30,
        "feedback": "none",
        **formset("sections", rows, initial=2),
        **formset("phases", []),
        **formset("criteria", criteria, initial=1),
    }
    answer = organiser.post(reverse("editions:add"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    edition = Edition.objects.get(slug="ninth")
    assert [one.title for one in edition.sections.all()] == ["组照", "微视频"]
    assert [one.title for one in edition.criteria.all()] == ["主题性"]


def test_a_changed_declaration_is_the_next_version_and_another_change_is_none(organiser):
    post_new(organiser, sections=[section()])
    edition = Edition.objects.get(slug="2027")
    assert edition.declarations.values_list("number", "text").get() == (1, "我声明作品为本人原创。")
    url = reverse("editions:edit", args=[edition.pk])
    row = section(id=edition.sections.get().pk)
    for changes in ({"theme": "新主题"}, {"rights_declaration": "新的声明。"}):
        form = edition_form(sections=[row], initial=1, **changes)
        assert organiser.post(url, form).status_code == 302
    assert [one.text for one in edition.declarations.all()] == [
        "我声明作品为本人原创。",
        "新的声明。",
    ]
    assert "新的声明。" in organiser.get(url).content.decode()


def test_an_edition_is_not_made_without_a_declaration(organiser):
    answer = post_new(organiser, sections=[section()], rights_declaration=" ")
    assert "rights_declaration" in answer.context["form"].errors
    assert not Edition.objects.exists()
