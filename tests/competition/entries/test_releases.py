"""Model releases: private papers of a work, kept with what was submitted."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.entries import checks, releases
from competition.entries.models import Release
from competition.entries.queries import bytes_taken
from competition.entries.releases import add_release, remove_release
from competition.entries.services import (
    EntryRefused,
    delete_draft,
    return_entry,
    submit_entry,
)
from tests.competition.entries.test_views import texts
from tests.competition.entries.worlds import World
from tests.factories import ReleaseFactory
from tests.storages import HANDED_OUT, arrived, disk_only

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n a signed consent"


def paper(name="同意书.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="text/html")


def add(world, entry, file=None):
    file = file or paper()
    return add_release(entry=entry, file=file, name=file.name, user=world.entrant)


def kept(release):
    return storages["originals"].exists(release.file.name)


def test_a_release_is_kept_privately_as_it_came(world):
    release = add(world, world.draft())
    assert (release.original_name, release.format, release.byte_size) == ("同意书.pdf", "pdf", 26)
    assert release.file.storage is storages["originals"]
    assert "同意书" not in release.file.name
    with release.file.open() as file:
        assert file.read() == PDF
    with pytest.raises(ValueError, match="no public address"):
        release.file.url  # noqa: B018
    assert ModelLogEntry.objects.get().action == "competition.entry.release_add"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.pdf", b"\xff\xd8\xff\xe0 scan", "jpeg"),
        ("a.exe", b"\x89PNG\r\n\x1a\n scan", "png"),
        ("a.pdf", b"<html><script>alert(1)</script>", None),
        ("a.pdf", b"", None),
    ],
)
def test_the_content_decides_and_not_the_name(world, name, content, found):
    entry = world.draft()
    if found:
        assert add(world, entry, paper(name, content)).format == found
    else:
        with pytest.raises(EntryRefused):
            add(world, entry, paper(name, content))
        assert not entry.releases.exists()


def test_a_paper_has_a_size_and_a_work_a_number_of_them(world, monkeypatch):
    monkeypatch.setattr(releases, "MAX_BYTES", len(PDF))
    monkeypatch.setattr(releases, "MOST", 2)
    entry = world.draft()
    add(world, entry)
    with pytest.raises(EntryRefused):
        add(world, entry, paper(content=PDF + b"x"))
    add(world, entry, paper(content=PDF[:-1]))
    with pytest.raises(EntryRefused):
        add(world, entry, paper(content=PDF[:-2]))
    assert entry.releases.count() == 2


def test_the_same_paper_sent_twice_is_kept_once(world):
    entry = world.draft()
    assert add(world, entry) == add(world, entry, paper("again.pdf"))
    assert entry.releases.count() == 1


def test_releases_count_in_the_organisations_quota(world, settings):
    entry = world.draft()
    frames = bytes_taken(world.edition, world.company)
    add(world, entry)
    assert bytes_taken(world.edition, world.company) == frames + len(PDF)
    settings.UPLOAD_QUOTA_MB = 1
    with pytest.raises(checks.FileTooLarge):
        add(world, entry, paper(content=PDF + bytes(1024**2)))


def test_only_its_own_people_change_them_and_only_while_the_work_can_be_changed(world):
    entry = world.draft()
    release = add(world, entry)
    with pytest.raises(EntryRefused):
        add_release(entry=entry, file=paper("b"), name="b", user=world.stranger)
    with pytest.raises(EntryRefused):
        remove_release(release=release, user=world.manager)
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    with pytest.raises(EntryRefused):
        remove_release(release=release, user=world.entrant)
    with pytest.raises(EntryRefused):
        add(world, entry, paper(content=PDF + b"2"))
    assert list(entry.current_releases) == [release]


def test_a_removed_release_is_deleted_with_its_file(world, django_capture_on_commit_callbacks):
    release = add(world, world.draft())
    with django_capture_on_commit_callbacks(execute=True):
        remove_release(release=release, user=world.entrant)
    assert not Release.objects.exists()
    assert not kept(release)


def test_one_that_was_submitted_is_taken_out_and_kept(world, django_capture_on_commit_callbacks):
    entry = world.draft()
    release = add(world, entry)
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    return_entry(entry=entry, user=world.organiser, reason="缺页")
    with django_capture_on_commit_callbacks(execute=True):
        remove_release(release=release, user=world.entrant)
    assert kept(release)
    assert not entry.current_releases.exists()
    again = add(world, entry)  # the same paper, put back
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    contents = entry.revisions.values_list("content__releases", flat=True)
    assert [[one["id"] for one in content] for content in contents] == [[release.pk], [again.pk]]


def test_a_deleted_draft_takes_its_releases_along(world, django_capture_on_commit_callbacks):
    entry = world.draft()
    release = add(world, entry)
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(entry=entry, user=world.entrant)
    assert not Release.objects.exists()
    assert not kept(release)


# --- pages --------------------------------------------------------------------------------


def test_every_button_keeps_the_papers_chosen_beside_it(entrant, world):
    entry = world.draft()
    url = reverse("entry-edit", args=[entry.pk])
    sent = [paper(), paper("二.pdf", PDF + b"2")]
    answer = entrant.post(url, texts(do="release", title="新", releases=sent))
    assert answer.headers["Location"] == f"{url}#rights"
    entry.refresh_from_db()
    assert entry.title == "新"
    first, second = entry.current_releases
    page = entrant.get(url).content.decode()
    assert [reverse("release-file", args=[one.pk]) in page for one in (first, second)] == [True] * 2
    entrant.post(url, texts(do=f"unrelease-{first.pk}"))
    assert list(entry.current_releases) == [second]


def test_a_refused_paper_is_told_keeps_the_others_and_stops_the_submission(entrant, world):
    entry = world.draft()
    sent = [paper("坏.pdf", b"<html>"), paper("好.pdf")]
    answer = entrant.post(
        reverse("entry-edit", args=[entry.pk]),
        texts(do="submit", accepts_rights="yes", releases=sent),
        follow=True,
    )
    entry.refresh_from_db()
    assert entry.state == "draft"
    assert entry.current_releases.get().original_name == "好.pdf"
    (message,) = answer.context["messages"]
    assert str(message).startswith("坏.pdf: ")


@pytest.mark.parametrize("pk", ["x", "99999999999999999999999", "0"])
def test_a_paper_that_is_not_there_cannot_be_removed(entrant, world, pk):
    url = reverse("entry-edit", args=[world.draft().pk])
    assert entrant.post(url, texts(do=f"unrelease-{pk}")).status_code == 404


def test_a_paper_of_another_work_cannot_be_removed(entrant, world):
    foreign = ReleaseFactory(entry=World().draft())
    url = reverse("entry-edit", args=[world.draft().pk])
    assert entrant.post(url, texts(do=f"unrelease-{foreign.pk}")).status_code == 404
    assert Release.objects.get() == foreign


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        ("draft", {"entrant", "organiser"}),
        ("submitted", {"entrant", "organiser", "manager"}),
        ("admitted", {"entrant", "organiser", "manager"}),
    ],
)
def test_own_people_the_screener_and_the_organiser_open_it_and_nobody_else(
    client, world, state, readers
):
    url = reverse("release-file", args=[ReleaseFactory(entry=world.entry(state)).pk])
    assert client.get(url).headers["Location"].startswith(reverse("account_login"))
    for role in ("entrant", "organiser", "manager", "stranger"):
        client.force_login(getattr(world, role))
        expected = HANDED_OUT if role in readers else 404
        assert client.get(url).status_code == expected, role


def test_it_is_handed_out_as_an_attachment_that_nothing_may_show(client, world):
    entry = world.entry("submitted", number="P-000007")
    release = ReleaseFactory(entry=entry, original_name="张三.html")
    client.force_login(world.entrant)
    content, headers = arrived(client.get(reverse("release-file", args=[release.pk])))
    assert content == b"%PDF-1.7 signed"
    told = ["Content-Type", "Content-Disposition", "Cache-Control"]
    assert [headers[name] for name in told] == [
        "application/pdf",
        f'attachment; filename="release-P-000007-{release.pk}.pdf"',
        "private, no-store",
    ]


@disk_only
def test_on_this_site_nothing_may_be_guessed_of_it_and_nothing_run(client, world):
    release = ReleaseFactory(entry=world.entry("submitted"), original_name="张三.html")
    client.force_login(world.entrant)
    answer = client.get(reverse("release-file", args=[release.pk]))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
