"""An entrant asks the organiser to look again; the answer has a reason, and happens once."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.entries.appeals import dismiss_appeal, make_appeal, uphold_appeal
from competition.entries.models import Appeal
from competition.entries.services import EntryRefused, admit_entry
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.notifications.models import Notice
from portal.notifications.pipeline import write_letter
from tests.factories import AppealFactory, UserFactory, close_phase

pytestmark = pytest.mark.django_db


def appeal_to(world, state="rejected"):
    entry = world.entry(state)
    return make_appeal(entry=entry, user=world.entrant, text=" 请复核。 ")


def test_an_appeal_says_against_what_by_whom_and_why(world):
    appeal = appeal_to(world, "disqualified")
    assert (appeal.against, appeal.text, appeal.made_by) == (
        "disqualified",
        "请复核。",
        world.entrant,
    )
    line = ModelLogEntry.objects.get(action="competition.entry.appeal")
    assert (line.user, line.data) == (world.entrant, {"why": "请复核。"})


@pytest.mark.parametrize(
    "state",
    ["draft", "submitted", "returned", "forwarded", "not_forwarded", "admitted", "withdrawn"],
)
def test_only_what_the_organiser_decided_against_is_appealed(world, state):
    with pytest.raises(EntryRefused):
        appeal_to(world, state)
    assert not Appeal.objects.exists()


def test_nobody_appeals_for_others_or_without_words_or_twice_at_once(world):
    entry = world.entry("rejected")
    with pytest.raises(EntryRefused):
        make_appeal(entry=entry, user=world.stranger, text="x")
    with pytest.raises(EntryRefused):
        make_appeal(entry=entry, user=world.entrant, text=" ")
    appeal = make_appeal(entry=entry, user=world.entrant, text="x")
    with pytest.raises(EntryRefused):
        make_appeal(entry=entry, user=world.entrant, text="x")
    dismiss_appeal(appeal=appeal, user=world.organiser, reason="维持")
    make_appeal(entry=entry, user=world.entrant, text="另有新证据")


def test_the_database_knows_one_open_appeal_a_work_and_no_answer_without_a_reason(world):
    appeal = AppealFactory(entry=world.entry("rejected"))
    with pytest.raises(IntegrityError), transaction.atomic():
        AppealFactory(entry=appeal.entry)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.update(answer="upheld")


@pytest.mark.parametrize(("state", "verb"), [("rejected", "admit"), ("disqualified", "reinstate")])
def test_an_upheld_appeal_lets_the_work_take_part_and_tells_the_entrant_once(world, state, verb):
    appeal = appeal_to(world, state)
    answered = uphold_appeal(appeal=appeal, user=world.organiser, reason="理由成立")
    entry = appeal.entry
    entry.refresh_from_db()
    assert (entry.state, entry.advice) == ("admitted", "理由成立")
    assert (answered.answer, answered.reason, answered.answered_by) == (
        "upheld",
        "理由成立",
        world.organiser,
    )
    mails = Notice.objects.filter(recipient=world.entrant)
    assert [mail.kind for mail in mails] == [f"entry_{verb}"]


def test_a_dismissed_appeal_changes_no_state_and_tells_the_entrant_why(world):
    appeal = appeal_to(world)
    dismiss_appeal(appeal=appeal, user=world.organiser, reason="维持原决定")
    appeal.entry.refresh_from_db()
    assert appeal.entry.state == "rejected"
    notice = Notice.objects.get(recipient=world.entrant)
    assert (notice.kind, notice.recipient) == ("entry_appeal_dismissed", world.entrant)
    assert notice.context["reason"] == "维持原决定"


@pytest.mark.parametrize("answer", [uphold_appeal, dismiss_appeal])
def test_an_answer_is_the_organisers_has_a_reason_and_is_given_once(world, answer):
    appeal = appeal_to(world)
    for user, reason in [(world.manager, "x"), (world.entrant, "x"), (world.organiser, " ")]:
        with pytest.raises(EntryRefused):
            answer(appeal=appeal, user=user, reason=reason)
    dismiss_appeal(appeal=appeal, user=world.organiser, reason="维持")
    with pytest.raises(EntryRefused):
        answer(appeal=appeal, user=world.organiser, reason="x")
    assert Appeal.objects.get().reason == "维持"


def test_after_judging_a_disqualified_work_comes_back_and_a_rejected_one_does_not(world):
    rejected, disqualified = appeal_to(world), appeal_to(world, "disqualified")
    close_phase(world.edition, "judging")
    uphold_appeal(appeal=disqualified, user=world.organiser, reason="x")
    with pytest.raises(EntryRefused):
        uphold_appeal(appeal=rejected, user=world.organiser, reason="x")
    rejected.refresh_from_db()
    assert rejected.answer == ""


def test_a_work_let_in_meanwhile_needs_no_second_move(world):
    appeal = appeal_to(world)
    admit_entry(entry=appeal.entry, user=world.organiser, reason="自行纠正")
    uphold_appeal(appeal=appeal, user=world.organiser, reason="已纠正")
    appeal.entry.refresh_from_db()
    assert (appeal.entry.state, appeal.entry.advice) == ("admitted", "自行纠正")


# --- pages --------------------------------------------------------------------------------


def test_the_works_page_leads_to_the_appeal_and_shows_it_with_its_answer(entrant, world):
    entry = world.entry("rejected", advice="构图雷同")
    detail, form = (reverse(f"entry-{name}", args=[entry.pk]) for name in ("detail", "appeal"))
    assert form in entrant.get(detail).content.decode()
    assert "构图雷同" in entrant.get(form).content.decode()
    entrant.post(form, {"text": "请看原片"})
    page = entrant.get(detail).content.decode()
    assert "请看原片" in page
    assert form not in page
    dismiss_appeal(appeal=entry.appeals.get(), user=world.organiser, reason="已看过原片")
    page = entrant.get(detail).content.decode()
    assert "已看过原片" in page


def test_a_refused_appeal_stays_on_the_page(entrant, world):
    url = reverse("entry-appeal", args=[world.entry("admitted").pk])
    answer = entrant.post(url, {"text": "写了很久的话"})
    assert answer.status_code == 200
    assert "写了很久的话" in answer.content.decode()
    assert not Appeal.objects.exists()


def test_each_organiser_is_written_to_once_that_an_appeal_waits(world):
    second = UserFactory()
    add_to_group(second, ORGANISERS)
    away = UserFactory(is_active=False)
    add_to_group(away, ORGANISERS)
    appeal = appeal_to(world)
    mails = Notice.objects.filter(kind="appeal_made")
    assert {mail.recipient for mail in mails} == {world.organiser, second}
    letter = write_letter(mails.first())
    assert appeal.entry.number in letter.subject
    assert "请复核。" in letter.body
    assert reverse("works:inspect", args=[appeal.entry_id]) in letter.body
