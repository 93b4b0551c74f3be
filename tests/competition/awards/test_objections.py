"""Anyone objects while awards are on notice; the organiser answers each objection once."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.awards import objections
from competition.awards.keeping import AwardsRefused
from competition.awards.models import AwardList, Objection, Replacement
from competition.awards.objections import raise_objection, reject_objection, uphold_objection
from competition.awards.queries import find_objectionable
from competition.awards.retention import (
    KEPT_AFTER_PUBLICATION,
    STRAY_AFTER,
    forget_objectors,
    forget_strays,
)
from competition.awards.services import propose_awards, publish_awards
from competition.awards.signals import objection_raised
from media_processing.models import MediaAsset
from tests.competition.awards.conftest import awards_by_code
from tests.competition.awards.test_notice import end_notice, on_notice
from tests.competition.awards.test_services import leave, refused
from tests.factories import (
    AssetFactory,
    AwardListFactory,
    EntryFactory,
    ObjectionFactory,
    UserFactory,
    open_phase,
    published,
)
from tests.media_processing.makers import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(world):
    """a has the only place, b is next; the award is on notice."""
    world.category("expert", "jury", 1)
    world.freeze("jury", a=9, b=8)
    open_phase(world.edition, "notice")
    world.award_list = on_notice(world)
    return world


def objecting(world, entry=None, **more):
    fields = {
        "edition": world.edition,
        "entry": entry,
        "ground": "authorship",
        "text": "  三年前已由他人发表。 ",
        "name": " 王知情 ",
        "email": "reader@example.org",
    }
    return fields | more


def pictures(*contents):
    return [(f"{n}.jpg", ContentFile(content)) for n, content in enumerate(contents, 1)]


# --- raising ----------------------------------------------------------------------------------


def test_an_objection_is_kept_with_a_number_of_its_edition(two):
    heard = []
    objection_raised.connect(listen := lambda objection, **_: heard.append(objection))
    first = raise_objection(**objecting(two, two.work("a")))
    second = raise_objection(**objecting(two))
    objection_raised.disconnect(listen)
    assert [(one.number, one.entry, one.state) for one in Objection.objects.all()] == [
        (1, two.work("a"), "received"),
        (2, None, "received"),
    ]
    assert (first.text, first.name) == ("三年前已由他人发表。", "王知情")
    assert heard == [first, second]
    logged = ModelLogEntry.objects.filter(action="competition.objection.raise").order_by("pk")
    assert [row.data for row in logged] == [
        {"number": 1, "work": two.work("a").number},
        {"number": 2, "work": None},
    ]


def test_its_pictures_go_through_the_pipeline_like_any_other(two):
    objection = raise_objection(**objecting(two, evidence=pictures(jpeg(), jpeg())))
    assets = objection.evidence.order_by("original_name")
    assert [(one.original_name, one.state, one.uploaded_by) for one in assets] == [
        ("1.jpg", "received", None),
        ("2.jpg", "received", None),
    ]


def test_a_picture_that_is_too_large_takes_the_others_with_it(two, monkeypatch):
    small = objections.MediaRules(kind="photo", formats=("jpeg",), max_bytes=5000)
    monkeypatch.setattr(objections, "EVIDENCE_RULES", small)
    refused(raise_objection, **objecting(two, evidence=pictures(b"ok", b"x" * 5001)))
    assert not Objection.objects.exists()
    assert not MediaAsset.objects.filter(on_behalf_of="objections").exists()


def test_outside_of_the_notice_period_nobody_objects(two):
    end_notice(two)
    refused(raise_objection, **objecting(two, evidence=pictures(jpeg())))
    open_phase(two.edition, "notice")
    two.award_list.noticed_at = timezone.now() + timedelta(hours=1)
    two.award_list.save()
    refused(raise_objection, **objecting(two))
    propose_awards(edition=two.edition, actor=None)
    refused(raise_objection, **objecting(two))
    assert not Objection.objects.exists()
    assert not MediaAsset.objects.filter(on_behalf_of="objections").exists()


def test_works_that_nobody_can_see_are_not_found_by_their_number(two):
    on_show, draft = two.work("b"), EntryFactory(section=two.section, number="P-009999")
    elsewhere = EntryFactory(state="admitted")
    assert find_objectionable(two.award_list, on_show.number) == on_show
    assert find_objectionable(two.award_list, draft.number) is None
    assert find_objectionable(two.award_list, elsewhere.number + "0") is None
    leave(two.work("a"))  # gone, but its award is on the list in public
    assert find_objectionable(two.award_list, two.work("a").number) == two.work("a")


# --- answering --------------------------------------------------------------------------------

ANSWER = "经查属实，取消其拟获奖项。"


def uphold(objection, answer=ANSWER):
    return uphold_objection(objection=objection, answer=answer, actor=UserFactory())


def reject(objection, answer="查无实据。"):
    return reject_objection(objection=objection, answer=answer, actor=UserFactory())


def test_an_upheld_objection_takes_the_award_away_with_the_answer_as_its_reason(two):
    objection = raise_objection(**objecting(two, two.work("a")))
    settled = uphold(objection, f" {ANSWER} ")
    assert awards_by_code(two.award_list) == {"expert": ["b"]}
    replacement = Replacement.objects.get()
    assert (replacement.objection, replacement.reason) == (objection, ANSWER)
    assert (settled.state, settled.answer) == ("upheld", ANSWER)
    assert settled.decided_by == replacement.decided_by
    logged = ModelLogEntry.objects.get(action="competition.objection.uphold")
    assert logged.data == {"number": 1, "why": ANSWER}


@pytest.mark.parametrize("about", ["b", None])
def test_about_a_work_without_award_or_none_the_answer_is_all(two, about):
    objection = raise_objection(**objecting(two, two.work(about) if about else None))
    assert uphold(objection).state == "upheld"
    assert awards_by_code(two.award_list) == {"expert": ["a"]}
    assert not Replacement.objects.exists()


def test_a_second_objection_to_the_same_work_is_upheld_without_a_second_replacement(two):
    first, second = (raise_objection(**objecting(two, two.work("a"))) for _ in range(2))
    uphold(first)
    uphold(second)
    assert Replacement.objects.get().objection == first


def test_a_rejected_objection_leaves_the_awards(two):
    objection = raise_objection(**objecting(two, two.work("a")))
    assert reject(objection).state == "rejected"
    assert awards_by_code(two.award_list) == {"expert": ["a"]}


@pytest.mark.parametrize("again", [uphold_objection, reject_objection])
def test_an_objection_is_answered_once(two, again):
    objection = raise_objection(**objecting(two, two.work("a")))
    reject(objection)
    refused(again, objection=objection, answer="再议", actor=None)
    objection.refresh_from_db()
    assert (objection.state, objection.answer) == ("rejected", "查无实据。")
    assert awards_by_code(two.award_list) == {"expert": ["a"]}


@pytest.mark.parametrize("verb", [uphold_objection, reject_objection])
def test_no_answer_without_words(two, verb):
    objection = raise_objection(**objecting(two, two.work("a")))
    refused(verb, objection=objection, answer=" \n", actor=None)
    objection.refresh_from_db()
    assert objection.state == "received"


def test_after_publication_nothing_is_settled(two):
    end_notice(two)
    publish_awards(award_list=two.award_list, actor=None)
    late = ObjectionFactory(edition=two.edition, entry=two.work("a"))
    refused(uphold_objection, objection=late, answer=ANSWER, actor=None)
    refused(reject_objection, objection=late, answer=ANSWER, actor=None)
    assert awards_by_code(two.award_list) == {"expert": ["a"]}


def test_while_no_list_is_on_notice_an_award_is_not_taken_away(two):
    objection = raise_objection(**objecting(two, two.work("a")))
    proposal = propose_awards(edition=two.edition, actor=None)
    refused(uphold_objection, objection=objection, answer=ANSWER, actor=None)
    objection.refresh_from_db()
    assert objection.state == "received"
    assert awards_by_code(proposal) == {"expert": ["a"]}


# --- erasing ----------------------------------------------------------------------------------


@pytest.fixture
def answered():
    """A published edition with an objection that named somebody and brought a picture."""
    objection = ObjectionFactory(state="rejected", answer="查无实据。", decided_at=timezone.now())
    objection.evidence.add(AssetFactory())
    published(AwardListFactory(edition=objection.edition), at=timezone.now())
    return objection


def test_names_words_and_pictures_are_erased_in_time_and_the_answer_stays(answered):
    due = AwardList.objects.get().published_at + KEPT_AFTER_PUBLICATION
    assert forget_objectors(answered.edition, due - timedelta(seconds=1)) == 0
    answered.refresh_from_db()
    assert (answered.name, answered.evidence.count()) == ("王知情", 1)
    assert forget_objectors(answered.edition, due) == 1
    answered.refresh_from_db()
    assert (answered.name, answered.email, answered.text) == ("", "", "")
    assert not MediaAsset.objects.exists()
    assert (answered.number, answered.ground, answered.answer) == (1, "authorship", "查无实据。")
    assert forget_objectors(answered.edition, due) == 0  # and it is said once
    assert ModelLogEntry.objects.filter(action="competition.objection.forget").count() == 1


def test_what_is_not_published_is_not_erased(answered):
    AwardList.objects.update(state="noticed", noticed_at=timezone.now())
    assert forget_objectors(answered.edition, timezone.now() + 10 * KEPT_AFTER_PUBLICATION) == 0


def test_pictures_of_an_objection_that_was_never_kept_are_removed(two):
    kept = raise_objection(**objecting(two, evidence=pictures(jpeg()))).evidence.get()
    AssetFactory(on_behalf_of="organisation-1")
    stray = AssetFactory(on_behalf_of="objections")
    soon, later = (timezone.now() + wait for wait in (STRAY_AFTER / 2, STRAY_AFTER * 2))
    assert forget_strays(soon) == 0
    assert forget_strays(later) == 1
    assert not MediaAsset.objects.filter(pk=stray.pk).exists()
    assert MediaAsset.objects.filter(pk=kept.pk).exists()
    assert MediaAsset.objects.filter(on_behalf_of="organisation-1").exists()


def test_refusals_have_words():
    with pytest.raises(AwardsRefused) as caught:
        objections.check_evidence("film.mp4", 10)
    assert "film.mp4" in caught.value.messages[0]
