"""Who is awarded learns of it at the hour of the results: once, and not a second before."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django_tasks_db.models import DBTaskResult

from competition.judging.models import Standing, StandingList
from media_processing.signals import worker_swept
from portal.notifications import congratulations
from portal.notifications.models import Notice
from portal.notifications.pipeline import deliver, write_letter
from portal.notifications.rounds import make_rounds
from portal.pages.services import create_site
from tests.factories import (
    AwardFactory,
    AwardListFactory,
    CategoryFactory,
    CertificateFactory,
    EditionFactory,
    EntryFactory,
    HonourFactory,
    MembershipFactory,
    RoundFactory,
    SectionFactory,
    UserFactory,
    published,
)

pytestmark = pytest.mark.django_db
HOUR = datetime(2027, 1, 15, 10, 0, tzinfo=get_current_timezone())
SECOND = timedelta(seconds=1)


@pytest.fixture
def results():
    """A final list that becomes public at HOUR; nobody is awarded yet."""
    edition = EditionFactory(title="第七届摄影大赛", title_en="Seventh Photo Contest")
    return published(AwardListFactory(edition=edition), HOUR)


@pytest.fixture
def expert(results):
    return CategoryFactory(
        edition=results.edition, title="专家推荐作品", title_en="Experts' choice"
    )


@pytest.fixture
def section(results):
    return SectionFactory(edition=results.edition)


@pytest.fixture
def award(results, expert, section):
    """award(created_by=..., title=...): an award of a new work on the list."""

    def give(category=expert, **fields):
        fields = {"created_by": UserFactory(), "rights_accepted_by": None, **fields}
        work = EntryFactory(section=section, **{"state": "admitted", **fields})
        return AwardFactory(entry=work, award_list=results, category=category)

    return give


def sweep(moment=HOUR):
    with time_machine.travel(moment, tick=False):
        make_rounds(timezone.now())


def told(kind="awarded"):
    return list(Notice.objects.filter(kind=kind).order_by("pk"))


# --- when ---------------------------------------------------------------------------------


def test_a_second_before_the_hour_nobody_is_written_to_and_at_the_hour_each_is_once(award):
    person = award().entry.created_by
    sweep(HOUR - SECOND)
    assert told() == []
    for moment in (HOUR, HOUR, HOUR + SECOND, HOUR + timedelta(days=3)):
        sweep(moment)
    assert [notice.recipient for notice in told()] == [person]


def test_a_later_round_sees_that_it_is_sent(award):
    award()
    sweep()
    sweep(HOUR + timedelta(minutes=2))
    (task,) = DBTaskResult.objects.all()
    assert task.args_kwargs["args"] == [str(told()[0].pk)]


@pytest.mark.parametrize(("late", "letters"), [(timedelta(days=7) - SECOND, 1), (timedelta(7), 0)])
def test_what_has_been_public_for_a_week_is_no_news(award, late, letters):
    award()
    sweep(HOUR + late)
    assert len(told()) == letters


@pytest.mark.parametrize("state", ["proposed", "confirmed", "noticed", "replaced"])
def test_of_a_list_that_is_not_final_nobody_is_told(award, results, state):
    award()
    results.state, results.noticed_at = state, HOUR
    results.save()
    sweep(HOUR + SECOND)
    assert told() == []


def test_a_workers_sweep_writes_to_the_awarded(award):
    award()
    with time_machine.travel(HOUR, tick=False):
        worker_swept.send(None)
    assert len(told()) == 1


# --- to whom ------------------------------------------------------------------------------


def test_who_made_it_and_who_submitted_it_get_one_mail_each(award):
    maker, submitter = UserFactory(), UserFactory()
    award(created_by=maker, rights_accepted_by=submitter)
    award(created_by=maker, rights_accepted_by=maker)
    sweep()
    assert {notice.recipient: len(notice.context["awards"]) for notice in told()} == {
        maker: 2,
        submitter: 1,
    }


def test_who_is_erased_or_shut_out_and_whose_work_has_left_get_nothing(award):
    award(created_by=UserFactory(is_active=False))
    award(state="disqualified")
    sweep()
    assert told() == []


def test_a_crowd_is_written_to_in_parts_and_nobody_twice(award, monkeypatch):
    monkeypatch.setattr(congratulations, "PEOPLE_A_ROUND", 2)
    people = [award().entry.created_by for _ in range(5)]
    counts = []
    for _ in range(4):
        sweep()
        counts.append(len(told()))
    assert counts == [2, 4, 5, 5]
    assert [notice.recipient for notice in told()] == people


def test_one_and_three_awarded_cost_the_same(award, results):
    counts = []
    for people in (1, 3):
        Notice.objects.all().delete()
        for _ in range(people):
            award()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sweep()
        counts.append(len(queries))
    assert len(told()) == 4
    assert counts[0] == counts[1]


# --- what it says -------------------------------------------------------------------------


def test_all_awards_of_a_person_stand_in_one_mail(award, results, section, mailoutbox):
    create_site(edition=results.edition)
    popular = CategoryFactory(
        edition=results.edition, code="popular", title="网络人气作品", position=2
    )
    person = UserFactory()
    first = award(created_by=person, title="晨光")
    second = award(popular, created_by=person, title="江上")
    certificate = CertificateFactory(award=first)
    sweep()
    deliver(told()[0].pk)
    (mail,) = mailoutbox
    assert mail.to == [person.email]
    for fact in ("第七届摄影大赛", "专家推荐作品", "晨光", "网络人气作品", "江上", "/results/"):
        assert fact in mail.body
    assert reverse("certificate", args=[certificate.number]) in mail.body
    assert mail.body.count("/certificates/") == 1
    for given in (first, second):
        assert reverse("entry-detail", args=[given.entry_id]) in mail.body


def test_a_mail_speaks_its_readers_language(award):
    award(created_by=UserFactory(language="en"))
    sweep()
    (notice,) = told()
    letter = write_letter(notice)
    assert letter.subject == "Congratulations: 1 award in “Seventh Photo Contest”"
    assert "Experts' choice" in letter.body


@pytest.mark.parametrize(("feedback", "links"), [("none", 0), ("scores", 1)])
def test_the_jurys_feedback_is_named_where_the_edition_gives_it(award, results, feedback, links):
    edition = results.edition
    edition.feedback = feedback
    edition.save()
    work, other = award().entry, award().entry
    standings = StandingList.objects.create(
        edition=edition, source="jury", round=RoundFactory(edition=edition), version=1
    )
    Standing.objects.create(standing_list=standings, entry=work, rank=1, value=9)
    results.jury_standings = standings
    results.save()
    sweep()
    letters = {notice.recipient: write_letter(notice).body for notice in told()}
    assert letters[work.created_by].count("/feedback/") == links
    assert "/feedback/" not in letters[other.created_by]


# --- honours ------------------------------------------------------------------------------


def test_each_manager_of_an_honoured_organisation_is_told_at_the_hour_and_once(results):
    person, other = UserFactory(), UserFactory()
    honours = [HonourFactory(edition=results.edition, reason=reason) for reason in ("多", "好")]
    for honour in honours:
        MembershipFactory(user=person, organisation=honour.organisation, role="manager")
    MembershipFactory(user=other, organisation=honours[0].organisation, role="manager")
    certificate = CertificateFactory(award=None, honour=honours[0])
    for moment in (HOUR - SECOND, HOUR, HOUR + SECOND):
        assert bool(told("honoured")) == (moment > HOUR)
        sweep(moment)
    letters = {notice.recipient: write_letter(notice).body for notice in told("honoured")}
    assert set(letters) == {person, other}
    assert all(honour.organisation.name in letters[person] for honour in honours)
    assert "多" in letters[person]
    assert reverse("certificate", args=[certificate.number]) in letters[other]
    assert honours[1].organisation.name not in letters[other]


def test_members_and_managers_shut_out_are_not_told(results):
    honour = HonourFactory(edition=results.edition)
    MembershipFactory(organisation=honour.organisation, role="contributor")
    shut = UserFactory(is_active=False)
    MembershipFactory(organisation=honour.organisation, role="manager", user=shut)
    sweep()
    assert told("honoured") == []


def test_honours_with_one_and_three_managers_cost_the_same(results):
    counts = []
    for managers in (1, 3):
        Notice.objects.all().delete()
        for _ in range(managers):
            honour = HonourFactory(edition=results.edition)
            MembershipFactory(organisation=honour.organisation, role="manager")
        with CaptureQueriesContext(connection) as queries:
            sweep()
        counts.append(len(queries))
    assert len(told("honoured")) == 4
    assert counts[0] == counts[1]
