"""The form with which anyone objects, and the page that an objector keeps."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from competition.awards import objections
from competition.awards.models import Objection
from tests.factories import AwardFactory, close_phase, noticed, open_phase
from tests.media_processing.makers import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_was_here():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def award():
    award = AwardFactory()
    open_phase(award.entry.edition, "notice")
    noticed(award.award_list)
    return award


def address(award, query=""):
    return reverse("objection-new", args=[award.entry.edition.slug]) + query


def filled(award, **changes):
    return {
        "work": award.entry.number,
        "ground": "authorship",
        "text": "三年前已由他人发表。",
        "name": "王知情",
        "email": "reader@example.org",
    } | changes


def picture(name="a.jpg", content=None):
    return SimpleUploadedFile(name, content or jpeg(), content_type="image/jpeg")


def test_the_form_comes_with_the_work_one_came_from(client, award):
    page = client.get(address(award, f"?work={award.entry.number.lower()}"))
    assert page.context["work"] == award.entry
    assert f'value="{award.entry.number.lower()}"' in page.content.decode()


def test_who_objects_sees_the_number_and_later_the_answer(client, award):
    sent = client.post(address(award), filled(award, evidence=[picture(), picture("b.jpg")]))
    objection = Objection.objects.get()
    assert (objection.entry, objection.name, objection.evidence.count()) == (
        award.entry,
        "王知情",
        2,
    )
    page = client.get(sent.headers["Location"])
    assert (page.context["objection"], page.context["pictures"]) == (objection, 2)
    assert "三年前" not in page.content.decode()  # nor does it show again what was written
    objection.state, objection.answer = "rejected", "查无实据。"
    objection.decided_at = timezone.now()
    objection.save()
    assert "查无实据。" in client.get(sent.headers["Location"]).content.decode()
    assert client.get(sent.headers["Location"][:-2] + "x/").status_code == 404


def test_it_may_be_about_the_whole(client, award):
    client.post(address(award), filled(award, work="", ground="procedure"))
    assert Objection.objects.get().entry is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("work", "P-999999"),
        ("ground", "envy"),
        ("text", " "),
        ("text", "x" * 4001),
        ("name", ""),
        ("email", "nobody"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_the_rest_is_kept(client, award, field, value):
    page = client.post(address(award), filled(award, **{field: value}))
    assert set(page.context["form"].errors) == {field}
    assert "reader@example.org" in page.content.decode() or field == "email"
    assert not Objection.objects.exists()


def test_nothing_typed_is_lost_when_a_picture_is_too_large(client, award, monkeypatch):
    small = objections.MediaRules(kind="photo", formats=("jpeg",), max_bytes=100)
    monkeypatch.setattr(objections, "EVIDENCE_RULES", small)
    page = client.post(address(award), filled(award, evidence=[picture()]))
    assert set(page.context["form"].errors) == {"evidence"}
    assert "三年前已由他人发表。" in page.content.decode()
    assert not Objection.objects.exists()


@pytest.mark.parametrize(
    "files", [["a.exe"], ["a.mp4"], ["a.jpg"] * 6], ids=["program", "film", "six"]
)
def test_only_up_to_five_pictures_come_with_it(client, award, files):
    evidence = [picture(name) for name in files]
    page = client.post(address(award), filled(award, evidence=evidence))
    assert set(page.context["form"].errors) == {"evidence"}
    assert not Objection.objects.exists()


def test_the_sixth_within_an_hour_from_one_address_waits_with_its_text_kept(client, award):
    for n in range(5):
        assert client.post(address(award), filled(award, text=f"其{n}")).status_code == 302
    page = client.post(address(award), filled(award, text="其六"))
    assert page.status_code == 429
    assert "其六" in page.content.decode()
    elsewhere = client.post(address(award), filled(award), REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302
    assert Objection.objects.count() == 6


def test_while_nobody_can_be_counted_an_objection_waits_with_its_text_kept(
    client, award, cache_away
):
    page = client.post(address(award), filled(award, text="其一"))
    assert page.status_code == 503
    assert "暂时无法受理异议" in page.content.decode()
    assert "其一" in page.content.decode()
    assert not Objection.objects.exists()


def test_a_form_that_was_not_complete_is_not_counted(client, award):
    for _ in range(6):
        client.post(address(award), filled(award, name=""))
    assert client.post(address(award), filled(award)).status_code == 302


def test_before_its_hour_there_is_no_such_address(client, award):
    award.award_list.noticed_at = timezone.now() + timedelta(seconds=60)
    award.award_list.save()
    assert client.get(address(award)).status_code == 404
    assert client.post(address(award), filled(award)).status_code == 404
    assert client.get(reverse("objection-new", args=["nowhere"])).status_code == 404


def test_after_the_period_it_says_that_it_is_over(client, award):
    close_phase(award.entry.edition, "notice")
    assert client.get(address(award)).templates[0].name == "awards/objections_over.html"
    client.post(address(award), filled(award))
    assert not Objection.objects.exists()


def test_it_is_never_kept_by_anybody_between(client, award):
    assert "no-store" in client.get(address(award)).headers["Cache-Control"]
