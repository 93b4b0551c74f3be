"""What is declared of a work: which version of the rights, the use of AI, the people in it."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from competition.editions.services import publish_declaration
from competition.entries.models import Entry
from competition.entries.services import EntryRefused, return_entry, submit_entry, update_entry
from tests.competition.entries.test_views import JSON, texts
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def change_the_text(world, text="新的声明。"):
    return publish_declaration(edition=world.edition, text=text, actor=world.organiser)


def submit(world, entry, **how):
    return submit_entry(entry=entry, user=world.entrant, accepts_rights=True, **how)


def refusals(world, entry, **how):
    with pytest.raises(EntryRefused) as refusal:
        submit(world, entry, **how)
    entry.refresh_from_db()
    assert (entry.state, entry.revisions.count()) == ("draft", 0)
    return len(refusal.value.messages)


# --- the declaration ----------------------------------------------------------------------


def test_each_submission_keeps_which_version_was_accepted_by_whom_and_when(world):
    entry = world.submitted()
    first = world.edition.declarations.get()
    return_entry(entry=entry, user=world.organiser, reason="改")
    second = change_the_text(world)
    assert Entry.objects.get().declaration == first
    submit(world, entry, declaration=2)
    assert entry.declaration == second
    kept = entry.revisions.values_list("number", "declaration__text", "submitted_by")
    assert list(kept) == [
        (1, "我声明作品为本人原创。", world.entrant.pk),
        (2, "新的声明。", world.entrant.pk),
    ]


def test_who_read_an_earlier_version_is_asked_to_read_the_new_one(world):
    entry = world.draft()
    change_the_text(world)
    assert refusals(world, entry, declaration=1) == 1
    submit(world, entry, declaration=2)
    assert entry.state == "submitted"


def test_nothing_is_submitted_where_no_declaration_was_published(world):
    world.edition.declarations.all().delete()
    assert refusals(world, world.draft()) == 1


def test_the_database_keeps_no_submitted_work_without_a_declaration(world):
    entry = world.submitted()
    with pytest.raises(IntegrityError):
        Entry.objects.filter(pk=entry.pk).update(declaration=None)


def test_the_page_shows_the_version_in_force_and_sends_its_number(entrant, world):
    change_the_text(world)
    page = entrant.get(reverse("entry-edit", args=[world.draft().pk])).content.decode()
    assert "新的声明。" in page
    assert "我声明作品为本人原创。" not in page
    assert '<input type="hidden" name="declaration" value="2">' in page


@pytest.mark.parametrize("shown", ["1", "", "x", "-2", "9" * 30])
def test_a_text_that_changed_meanwhile_is_shown_and_what_was_typed_is_kept(entrant, world, shown):
    entry = world.draft()
    change_the_text(world)
    answer = entrant.post(
        reverse("entry-edit", args=[entry.pk]),
        texts(title="留下", do="submit", accepts_rights="yes", declaration=shown),
        follow=True,
    )
    entry.refresh_from_db()
    assert (entry.state, entry.title) == ("draft", "留下")
    assert len(answer.context["messages"]) == 1
    assert "新的声明。" in answer.content.decode()


def test_the_script_is_told_that_the_text_changed(entrant, world):
    entry = world.draft()
    change_the_text(world)
    sent = texts(do="submit", accepts_rights="yes")
    answer = entrant.post(reverse("entry-edit", args=[entry.pk]), sent, **JSON)
    assert answer.status_code == 422
    assert len(answer.json()["messages"]) == 1


# --- AI and people ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"ai_use": ""}, 1),
        ({"portraits": ""}, 1),
        ({"ai_use": "", "portraits": ""}, 2),
        ({"ai_use": "assisted", "ai_note": " "}, 1),
        ({"ai_use": "generated"}, 1),
        ({"ai_use": "generated", "ai_note": "Midjourney，全图"}, 0),
        ({"ai_use": "assisted", "ai_note": "降噪"}, 0),
        ({"portraits": "consented"}, 0),
    ],
)
def test_ai_and_people_are_declared_before_a_work_goes(world, said, missing):
    entry = world.draft(**said)
    if missing:
        assert refusals(world, entry) == missing
    else:
        submit(world, entry)
        assert {name: entry.revisions.get().content[name] for name in said} == said


def test_what_nobody_offered_is_not_taken(world):
    entry = world.draft()
    for wrong in ({"ai_use": "perhaps"}, {"portraits": "some"}, {"ai_note": "字" * 301}):
        with pytest.raises(EntryRefused):
            update_entry(entry=entry, user=world.entrant, **wrong)


def test_the_form_asks_and_does_not_answer_for_the_entrant(entrant, world):
    url = reverse("entry-create", args=[world.section.pk])
    page = entrant.get(url).content.decode()
    assert page.count('name="ai_use"') == 3
    assert page.count('name="portraits"') == 2
    assert "checked" not in page.split('id="rights"')[1].split("</section>")[0]
    entrant.post(url, texts(organisation=world.company.pk, ai_use="assisted", ai_note="去噪"))
    entry = Entry.objects.get()
    assert (entry.ai_use, entry.ai_note, entry.portraits) == ("assisted", "去噪", "none")


def test_screener_organiser_and_own_people_read_what_was_declared(client, world):
    entry = world.submitted(ai_use="assisted", ai_note="用某软件降噪", portraits="consented")
    organiser = UserFactory(is_superuser=True, is_staff=True)
    for person, url in [
        (world.entrant, reverse("entry-detail", args=[entry.pk])),
        (world.manager, reverse("screening-entry", args=[entry.pk])),
        (organiser, reverse("works:inspect", args=[entry.pk])),
    ]:
        client.force_login(person)
        page = client.get(url).content.decode()
        for said in ("用某软件降噪", entry.get_ai_use_display(), entry.get_portraits_display()):
            assert str(said) in page, url
