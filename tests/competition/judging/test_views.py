"""The judge's room."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competition.entries.models import Entry
from competition.judging.models import Recusal, Scorecard
from competition.judging.scorecards import save_scorecard
from tests.competition.judging.conftest import SHEET
from tests.factories import (
    AssetFactory,
    AssociationFactory,
    CompanyFactory,
    DerivativeFactory,
    FrameFactory,
    UserFactory,
    close_phase,
)

pytestmark = pytest.mark.django_db

QUEUE = "/judging/"
FORM = {"score-theme": "8", "score-artistry": "9", "score-story": "5", "note": ""}
JSON = {"headers": {"Accept": "application/json"}}


def address(assignment):
    return f"/judging/{assignment.pk}/"


def save(assignment, scores=SHEET, note=""):
    user = assignment.judge.user
    return save_scorecard(assignment=assignment, user=user, scores=scores, note=note)


@pytest.fixture
def judge(jury, client):
    judge = jury.judge()
    client.force_login(judge.user)
    return judge


class TestQueue:
    def test_asks_to_sign_in(self, client, db):
        answer = client.get(QUEUE)
        assert answer.status_code == 302
        assert answer.url == f"{reverse('account_login')}?next={QUEUE}"

    def test_is_nothing_for_who_is_no_judge(self, client, db):
        client.force_login(UserFactory())
        assert client.get(QUEUE).status_code == 404

    def test_tells_a_judge_without_works_what_will_come(self, client, judge):
        answer = client.get(QUEUE)
        assert answer.status_code == 200
        assert answer.context["stacks"] == []
        assert b"empty-state" in answer.content

    def test_shows_own_works_in_own_order_with_progress(self, client, jury, judge):
        first, second = jury.assignment(judge), jury.assignment(judge)
        jury.assignment(jury.judge())
        save(first)
        answer = client.get(QUEUE)
        assert list(answer.context["page_obj"]) == [first, second]
        assert (answer.context["stack"].done, answer.context["stack"].total) == (1, 2)
        assert answer.context["next_to_do"] == second.pk

    def test_can_be_narrowed(self, client, jury, judge):
        first, second = jury.assignment(judge), jury.assignment(judge)
        save(first)

        def shown(show):
            return list(client.get(QUEUE, {"show": show}).context["page_obj"])

        assert shown("todo") == [second]
        assert shown("done") == [first]
        assert shown("all") == shown("nonsense") == [first, second]

    def test_shows_no_work_before_the_judging_opens(self, client, jury, judge):
        assignment = jury.assignment(judge)
        jury.edition.phases.all().delete()
        answer = client.get(QUEUE)
        assert "page_obj" not in answer.context
        assert assignment.entry.title not in answer.content.decode()
        assert client.get(address(assignment)).status_code == 404

    @pytest.mark.parametrize("page", ["99", "0", "x"])
    def test_survives_any_page_number(self, client, jury, judge, page):
        jury.assignment(judge)
        assert client.get(QUEUE, {"page": page, "stack": "1-x"}).status_code == 200

    def test_costs_the_same_for_one_row_and_for_three(self, client, jury, judge):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(QUEUE).status_code == 200
            return len(queries)

        def series():
            assignment = jury.assignment(judge)
            FrameFactory(entry=assignment.entry, position=2)
            save(assignment)

        series()
        client.get(QUEUE)
        one = cost()
        series()
        series()
        assert cost() == one


class TestWork:
    def test_is_nothing_for_another_judge_or_an_unknown_id(self, client, jury, judge):
        others = jury.assignment(jury.judge())
        unknown = f"/judging/{uuid.uuid4()}/"
        for method in (client.get, client.post):
            assert method(address(others)).status_code == 404
            assert method(unknown).status_code == 404
        assert Scorecard.objects.count() == 0

    def test_asks_to_sign_in(self, client, jury):
        assignment = jury.assignment(jury.judge())
        assert client.get(address(assignment)).status_code == 302
        assert client.post(address(assignment), FORM).status_code == 302
        assert Scorecard.objects.count() == 0

    def test_has_a_button_for_each_score_of_each_criterion(self, client, jury, judge):
        page = client.get(address(jury.assignment(judge))).content.decode()
        assert page.count('name="score-') == 30
        assert "checked" not in page
        assert 'type="number"' not in page

    def test_has_number_fields_where_the_scale_is_long(self, client, jury, judge):
        jury.edition.score_max = 100
        jury.edition.save()
        page = client.get(address(jury.assignment(judge))).content.decode()
        assert page.count('type="number"') == 3
        assert page.count('name="score-') == 3

    def test_shows_what_was_scored(self, client, jury, judge):
        assignment = jury.assignment(judge)
        save(assignment, note="光线很好")
        page = client.get(address(assignment)).content.decode()
        assert page.count("checked") == 3
        assert "光线很好" in page

    def test_a_form_saves_and_goes_on_to_the_next(self, client, jury, judge):
        first, second = jury.assignment(judge), jury.assignment(judge)
        answer = client.post(address(first), FORM)
        assert (answer.status_code, answer.url) == (302, address(second))
        scores = first.scorecard.scores.values_list("criterion__code", "value")
        assert dict(scores) == SHEET

    def test_the_last_one_leads_back_to_the_queue(self, client, jury, judge):
        answer = client.post(address(jury.assignment(judge)), FORM)
        assert (answer.status_code, answer.url) == (302, QUEUE)

    def test_a_refusal_keeps_what_was_chosen_and_says_why(self, client, jury, judge):
        assignment = jury.assignment(judge)
        answer = client.post("/en" + address(assignment), {"score-theme": "8", "note": "再看"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "please also score 艺术性、故事性." in page
        assert page.count("checked") == 1
        assert "再看" in page
        assert Scorecard.objects.count() == 0

    @pytest.mark.parametrize("value", ["11", "0", "-1", "3.5", "x", "９９"])
    def test_a_score_outside_the_scale_is_refused(self, client, jury, judge, value):
        answer = client.post(address(jury.assignment(judge)), {**FORM, "score-theme": value})
        assert answer.status_code == 422
        assert Scorecard.objects.count() == 0

    def test_answers_a_script_in_json(self, client, jury, judge):
        first, second = jury.assignment(judge), jury.assignment(judge)
        answer = client.post(address(first), FORM, **JSON)
        assert answer.json() == {
            "next": address(second),
            "done": 1,
            "total": 2,
            "version": 1,
        }
        answer = client.post("/en" + address(second), {"score-theme": "8"}, **JSON)
        assert answer.status_code == 422
        assert answer.json() == {"messages": ["Not saved yet: please also score 艺术性、故事性."]}
        answer = client.post(address(second), FORM, **JSON)
        assert answer.json() == {"next": QUEUE, "done": 2, "total": 2, "version": 1}

    def test_a_sheet_changed_elsewhere_is_told_and_can_be_saved_over(self, client, jury, judge):
        assignment = jury.assignment(judge)
        save(assignment)
        mine = {**FORM, "score-story": "7", "version": "0"}
        assert client.post(address(assignment), mine, **JSON).status_code == 409
        answer = client.post(address(assignment), mine)
        assert answer.status_code == 422
        assert answer.context["form"]["version"].value() == 1
        client.post(address(assignment), {**mine, "version": "1"})
        assert Scorecard.objects.get().version == 2

    def test_a_sheet_is_taken_back_without_a_script(self, client, jury, judge):
        assignment = jury.assignment(judge)
        save(assignment)
        answer = client.post(address(assignment), {"do": "take-back", "version": "1"})
        assert answer.url == address(assignment)
        assert Scorecard.objects.count() == 0

    def test_a_judge_stands_aside_without_a_script(self, client, jury, judge):
        first, second = jury.assignment(judge), jury.assignment(judge)
        answer = client.post(address(first), {"do": "recuse", "why": "part", "words": "合作"})
        assert answer.url == address(second)
        recusal = Recusal.objects.get()
        assert (recusal.entry, recusal.declared_by) == (first.entry, judge.user)
        assert recusal.reason.endswith(": 合作")
        assert client.get(address(first)).status_code == 404

    def test_nobody_stands_aside_from_what_they_have_scored(self, client, jury, judge):
        assignment = jury.assignment(judge)
        save(assignment)
        answer = client.post(address(assignment), {"do": "recuse", "why": "knows"})
        assert answer.status_code == 422
        assert Recusal.objects.count() == 0

    @pytest.mark.parametrize("close", ["clock", "organiser"])
    def test_after_the_close_own_scores_can_be_read_only(self, client, jury, judge, close):
        assignment = jury.assignment(judge)
        save(assignment, note="光线很好")
        if close == "clock":
            close_phase(jury.edition, "judging")
        else:
            jury.round.closed_at = timezone.now()
            jury.round.save()
        page = client.get(address(assignment)).content.decode()
        assert "<dd>9</dd>" in page
        assert "光线很好" in page
        assert "data-scorecard" not in page
        answer = client.post(address(assignment), {**FORM, "score-theme": "1"})
        assert answer.status_code == 422
        assert "<dd>8</dd>" in answer.content.decode()

    def test_is_never_kept_by_a_cache(self, client, jury, judge):
        for page in (QUEUE, address(jury.assignment(judge))):
            assert "no-store" in client.get(page).headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["single_photo", "photo_series", "micro_video"])
def test_no_page_of_the_judges_tells_who_made_a_work(client, jury, judge, kind):
    jury.section.kind = kind
    jury.section.save()
    secrets = {
        "author": "欧阳若兰",
        "organisation": "晨曦重工集团",
        "association": "江州市行业协会",
        "person": "诸葛孔明",
        "email": "zhuge@jiangzhou.example",
        "file name": "晨曦_IMG_4711.jpg",
        "camera": "NIKON Z9",
        "place": "江州船厂",
        "credit": "© 欧阳",
        "number": "P-004711",
        "entry id": "80671923",
    }
    entry = _told_of(jury, secrets)
    first, second = jury.assignment(judge, entry), jury.assignment(judge)
    third = jury.assignment(judge)
    Entry.objects.exclude(pk=entry.pk).update(author_names=secrets["author"])
    answers = [
        client.get(QUEUE),
        client.get(QUEUE, {"show": "todo"}),
        client.get("/en" + QUEUE),
        client.get(address(first)),
        client.get("/en" + address(first)),
        client.post(address(first), {}),
        client.post(address(first), {}, **JSON),
        client.post(address(second), FORM, **JSON),
        client.post(address(second), FORM),
        client.post(address(first), FORM),
        client.get(QUEUE, {"show": "done"}),
        client.get(QUEUE, {"show": "done", "order": "high"}),
        client.get("/en" + QUEUE, {"show": "done", "order": "low"}),
        client.post(address(first) + "later/", **JSON),
        client.post(address(first) + "flag/", {"kind": "other"}, **JSON),
        client.post(address(first) + "flag/", {"kind": "ai", "flag-note": "?"}, **JSON),
        client.post(address(first) + "flag/", {"kind": "ai"}),
        client.get(address(first)),
        client.post(address(first) + "flag/", {"withdraw": "ai"}),
        client.post(address(third) + "later/"),
        client.get(QUEUE, {"show": "later"}),
        client.post(address(third) + "later/", **JSON),
        client.get(address(third) + "later/"),
        client.get(f"/judging/{uuid.uuid4()}/"),
    ]
    jury.round.closed_at = timezone.now()
    jury.round.save()
    answers += [client.get(QUEUE), client.get(address(first))]
    secrets["asset id"] = str(entry.frames.first().asset_id)
    for answer in answers:
        text = answer.content.decode() + str(answer.headers) + getattr(answer, "url", "")
        assert [name for name, secret in secrets.items() if secret in text] == []


def _told_of(jury, secrets):
    association = AssociationFactory(name=secrets["association"])
    entry = jury.entry(
        pk=int(secrets["entry id"]),
        organisation=CompanyFactory(name=secrets["organisation"], association=association),
        created_by=UserFactory(last_name="诸葛", first_name="孔明", email=secrets["email"]),
        author_names=secrets["author"],
        number=secrets["number"],
        place=secrets["place"],
        credit_line=secrets["credit"],
        frames=False,
    )
    for position in (1, 2):
        asset = AssetFactory(
            original_name=secrets["file name"], camera=secrets["camera"], derivatives=False
        )
        for role, kind, mime_type in [
            ("picture", "picture-640-webp", "image/webp"),
            ("video", "video-720", "video/mp4"),
        ]:
            DerivativeFactory(
                asset=asset,
                role=role,
                name=kind,
                mime_type=mime_type,
                file=f"ab/{position}{kind}",
                width=640,
                height=480,
            )
        FrameFactory(entry=entry, asset=asset, position=position)
    return entry
