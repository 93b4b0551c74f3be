"""The organiser looks at a jury: analysis, matrix, exports, another reading, reminders."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from competition.judging.models import Round, RoundPlaces, Scorecard
from competition.judging.scorecards import save_scorecard
from competition.judging.services import close_round
from portal.accounts.groups import ORGANISERS
from portal.notifications.models import Notice
from tests.admin.conftest import sign_in
from tests.competition.judging.conftest import Jury

pytestmark = pytest.mark.django_db


def score(jury, judge, entry, value):
    assignment = jury.assignment(judge, entry=entry)
    scores = {"theme": value, "artistry": value, "story": max(1, value - 1)}
    save_scorecard(assignment=assignment, user=judge.user, scores=scores, note="=1+1")


@pytest.fixture
def organiser(db):
    return sign_in(ORGANISERS)


@pytest.fixture
def scored(jury) -> Jury:
    """Three judges, six works, every pair shared, one work not read by the third."""
    for _ in range(3):
        jury.judge()
    for number in range(6):
        entry = jury.entry()
        for at, judge in enumerate(jury.judges):
            if (number, at) != (5, 2):
                score(jury, judge, entry, 2 + number + (at if number % 2 else 1))
    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=3)
    return jury


def page(organiser, name, jury, data=None):
    return organiser.get(reverse(f"competition_round_{name}", args=[jury.round.pk]), data)


def test_nothing_scored_is_said(organiser, jury):
    assert page(organiser, "analysis", jury).status_code == 200
    assert page(organiser, "matrix", jury).status_code == 200


def test_the_analysis_has_every_judge_drawing_and_work_near_the_cut(organiser, scored):
    shown = page(organiser, "analysis", scored)
    analysis = shown.context["analysis"]
    assert [(one.judge, one.done) for one in analysis.judges] == [
        (scored.judges[0], 6),
        (scored.judges[1], 6),
        (scored.judges[2], 5),
    ]
    assert all(one.severity for one in analysis.judges)
    text = shown.content.decode()
    assert text.count("<svg") >= 3
    assert "style=" not in text[text.index("<svg") : text.rindex("</svg>")]
    assert {one.entry.section for one in analysis.near} == {scored.section}
    assert analysis.near[0].entry.number in text


@pytest.mark.parametrize("name", ["analysis", "matrix"])
def test_more_works_and_judges_cost_no_more_queries(organiser, jury, name):
    def cost():
        page(organiser, name, jury)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(organiser, name, jury)
        return len(queries)

    RoundPlaces.objects.create(round=jury.round, section=jury.section, places=1)
    entries = [jury.entry() for _ in range(2)]
    for judge in [jury.judge() for _ in range(2)]:
        for value, entry in enumerate(entries, start=3):
            score(jury, judge, entry, value)
    one = cost()
    more = [jury.entry() for _ in range(3)]
    for judge in [jury.judge() for _ in range(2)]:
        for value, entry in enumerate(more + entries, start=3):
            score(jury, judge, entry, value)
    assert cost() == one


def test_the_matrix_narrows_to_a_criterion_and_a_section(organiser, scored):
    rows = page(organiser, "matrix", scored).context["rows"]
    assert [row["spread"] for row in rows] == sorted((row["spread"] for row in rows), reverse=True)
    shown = page(organiser, "matrix", scored, {"criterion": "story"}).context["rows"]
    first = next(row for row in shown if row["work"].number == rows[0]["work"].number)
    assert first["mean"] != rows[0]["mean"]
    assert page(organiser, "matrix", scored, {"section": "7777"}).context["rows"]


def test_the_workbook_has_every_score_work_and_judge(organiser, scored):
    answer = page(organiser, "analysis", scored, {"export": "xlsx"})
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    cards, works, judges = book.worksheets
    assert (cards.max_row, works.max_row, judges.max_row) == (18, 7, 4)
    header = [cell.value for cell in cards[1]]
    row = dict(zip(header, [cell.value for cell in cards[2]], strict=True))
    assert row["主题性"] == 3
    assert "'=1+1" in row.values(), "no note is run as a formula"
    ranks = [line[1].value for line in works.iter_rows(min_row=2)]
    assert ranks == sorted(ranks)


def test_the_csv_has_a_line_for_each_scorecard(organiser, scored):
    answer = page(organiser, "analysis", scored, {"export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    assert len(rows) == 18
    assert len({len(row) for row in rows}) == 1


def test_a_verdict_is_exported_as_what_it_counts(organiser, jury):
    Round.objects.filter(pk=jury.round.pk).update(kind="shortlisting")
    jury.round.refresh_from_db()
    for verdict in Scorecard.Verdict.values:
        assignment = jury.assignment(jury.judge())
        user = assignment.judge.user
        save_scorecard(assignment=assignment, user=user, scores={"verdict": verdict})
    answer = page(organiser, "analysis", jury, {"export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(StringIO(text))
    place = header.index("初选意见")
    assert [row[place : place + 2] for row in rows] == [
        ["0.0", "0.0"],
        ["0.5", "0.5"],
        ["1.0", "1.0"],
    ]


def test_works_near_the_cut_get_another_reading_once_confirmed(organiser, scored):
    jury, entry = scored, scored.round.assignments.order_by("entry").last().entry
    url = reverse("competition_round_read_more", args=[jury.round.pk])
    asked = organiser.get(url, {"chosen": [entry.pk]})
    assert entry.number in str(asked.context["explanation"])
    assert jury.round.assignments.filter(entry=entry).count() == 2
    organiser.post(url, {"chosen": [entry.pk]})
    assert jury.round.assignments.filter(entry=entry).count() == 3


def test_nothing_ticked_is_told(organiser, scored):
    url = reverse("competition_round_read_more", args=[scored.round.pk])
    before = scored.round.assignments.count()
    assert organiser.post(url).status_code == 200
    assert scored.round.assignments.count() == before


def test_judges_with_works_left_are_reminded_once_a_day(organiser, jury, monkeypatch):
    late, done = jury.judge(), jury.judge()
    jury.assignment(late)
    score(jury, done, jury.entry(), 5)
    url = reverse("competition_round_remind", args=[jury.round.pk])
    explained = str(organiser.get(url).context["explanation"])
    assert str(late) in explained
    assert str(done) not in explained
    for _ in range(2):
        organiser.post(url, {"chosen": [late.pk, done.pk]})
    notice = Notice.objects.get(kind="judge_reminder")
    assert (notice.recipient, notice.context["works"]) == (late.user, 1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    organiser.post(url, {"chosen": [late.pk]})
    assert Notice.objects.filter(kind="judge_reminder").count() == 2


def test_nobody_is_reminded_of_a_closed_round(organiser, scored):
    close_round(round=scored.round, actor=None)
    url = reverse("competition_round_remind", args=[scored.round.pk])
    answer = organiser.post(url, {"chosen": [scored.judges[2].pk]})
    assert answer.context["form"].non_field_errors()
    assert mail.outbox == []
