"""What was backed up comes back, all of it; what is not whole is not taken for whole."""

import errno
import gzip
import json
import os
import stat
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from media_processing.models import MediaAsset
from portal.accounts.models import User
from portal.backup import folder as places
from portal.backup import making, site_files
from portal.backup.folder import backups, read_files, read_manifest
from portal.backup.making import make_backup
from portal.backup.refusals import BackupRefused
from portal.backup.restoring import damages, restore
from portal.backup.site_files import STORAGES, strange_files
from tests.factories import (
    AssetFactory,
    BallotFactory,
    DerivativeFactory,
    EntryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


def watch(some, unit):
    return some


def back_up(folder, *, later=0, derivatives=True):
    moment = NOW + timedelta(seconds=later)
    return make_backup(folder, derivatives=derivatives, now=moment, watch=watch)


def rows_of(backup):
    """Return each table's rows; an engine may write a JSON value with other spaces and order."""
    return {
        path.name: [plain(line) for line in gzip.open(path, "rt", encoding="utf-8")]
        for path in (backup / "rows").iterdir()
    }


def plain(line):
    values = json.loads(line)
    return [json.loads(one) if str(one)[:1] in ("[", "{") else one for one in values]


def contents_of(backup):
    return {(one.storage, one.name): one.sha256 for one in read_files(backup)}


def wipe():
    call_command("flush", interactive=False, verbosity=0)
    for alias, name in list(strange_files(set())):
        storages[alias].delete(name)


@pytest.fixture(autouse=True)
def _no_files_of_other_tests():
    for alias, name in list(strange_files(set())):
        storages[alias].delete(name)


@pytest.fixture
def site():
    """People, works, votes and files: text, JSON, moments, dates, numbers, keys, truths."""
    works = [EntryFactory(title=title) for title in ('船"坞\n', "Ünïcode \\N", "\t")]
    BallotFactory(entry=works[0])
    photo = AssetFactory(reason_values={"a": [1, 0.1, None, "é"]}, seconds=1 / 3)
    storages["originals"].save(photo.original.name, ContentFile(b"\xff\xd8photo"))
    derived = DerivativeFactory(
        asset=photo, name="picture", width=1, height=1, file="ab/small.webp"
    )
    storages["derivatives"].save(derived.file.name, ContentFile(b"small"))
    User.objects.filter(pk=UserFactory().pk).update(last_login=None)
    return photo


def test_a_backup_comes_back_row_by_row_and_byte_by_byte(site, tmp_path):
    first = back_up(tmp_path)
    wipe()
    counts = restore(first.path, watch)
    second = back_up(tmp_path / "again")
    assert rows_of(second.path) == rows_of(first.path)
    assert contents_of(second.path) == contents_of(first.path)
    assert len(contents_of(first.path)) == 2
    assert counts["competition_entry"] == 3
    with storages["originals"].open(site.original.name) as file:
        assert file.read() == b"\xff\xd8photo"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without counts")
def test_the_planner_knows_at_once_how_much_came_back(site, tmp_path):
    made = back_up(tmp_path)
    wipe()
    restore(made.path, watch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'competition_entry'")
        assert cursor.fetchone() == (3,)


def test_new_rows_get_numbers_above_those_that_came_back(site, tmp_path):
    last = User.objects.order_by("pk").last().pk
    made = back_up(tmp_path)
    wipe()
    restore(made.path, watch)
    assert UserFactory().pk == last + 1


def test_what_is_made_from_the_originals_is_left_out_unless_asked_for(site, tmp_path):
    made = back_up(tmp_path, derivatives=False)
    assert list(contents_of(made.path)) == [("originals", site.original.name)]


def test_nobody_else_can_read_it(site, tmp_path):
    made = back_up(tmp_path / "new")
    for path in [made.path.parent, *made.path.parent.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_file_that_an_earlier_backup_has_is_not_read_again(site, tmp_path, monkeypatch):
    assert back_up(tmp_path).copied == 2
    new = AssetFactory()
    storages["originals"].save(new.original.name, ContentFile(b"new"))
    read = []
    monkeypatch.setattr(
        site_files, "pieces_of", lambda file: read.append(file.name) or places.pieces_of(file)
    )
    second = back_up(tmp_path, later=1)
    assert (second.copied, second.files, len(read)) == (1, 3, 1)
    assert list(damages(second.path, watch)) == []


def test_a_file_that_is_gone_is_told(site, tmp_path):
    storages["originals"].delete(site.original.name)
    made = back_up(tmp_path)
    assert ("originals", site.original.name) in made.gone
    assert list(damages(made.path, watch)) == []


def test_any_flipped_bit_is_found(site, tmp_path):
    made = back_up(tmp_path)
    assert list(damages(made.path, watch)) == []
    for path in [one for one in tmp_path.rglob("*") if one.is_file() and one.name != "lock"]:
        before = path.read_bytes()
        middle = len(before) // 2
        path.write_bytes(before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :])
        assert found(made.path), path
        path.unlink()
        assert found(made.path), path
        path.write_bytes(before)
    assert not found(made.path)


def found(backup):
    try:
        return list(damages(backup, watch))
    except BackupRefused as refusal:
        return [str(refusal)]


def test_a_damaged_backup_is_not_put_back(site, tmp_path):
    made = back_up(tmp_path)
    path = made.path / "rows" / "accounts_user.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-1])
    wipe()
    with pytest.raises(BackupRefused, match=r"accounts_user\.jsonl\.gz is damaged"):
        restore(made.path, watch)
    assert not User.objects.exists()


def test_one_that_was_killed_is_none_and_the_next_goes_on_from_it(site, tmp_path, monkeypatch):
    def killed(path, manifest):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making.places, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            back_up(tmp_path)
    left = next(tmp_path.glob("*.unfinished"))
    assert backups(tmp_path) == []
    with pytest.raises(BackupRefused, match="is not a whole backup"):
        restore(left, watch)
    made = back_up(tmp_path, later=1)
    assert (made.copied, made.files) == (0, 2)
    assert not left.exists()
    assert list(damages(made.path, watch)) == []


def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(site, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(places.os, "fsync", full)
        with pytest.raises(CommandError, match=r"No space left on device.*not whole"):
            call_command("backup", str(tmp_path))
    assert backups(tmp_path) == []


def test_two_at_a_time_are_refused(site, tmp_path):
    with places.one_at_a_time(tmp_path), pytest.raises(BackupRefused, match="is being made"):
        back_up(tmp_path)


def test_a_site_that_is_used_is_not_overwritten(site, tmp_path):
    made = back_up(tmp_path)
    with pytest.raises(BackupRefused, match="The database is not empty"):
        restore(made.path, watch)
    assert MediaAsset.objects.filter(pk=site.pk).exists()


@pytest.mark.parametrize("alias", STORAGES)
def test_a_storage_with_files_of_others_is_not_touched(site, tmp_path, alias):
    made = back_up(tmp_path)
    wipe()
    storages[alias].save("of/others", ContentFile(b"x"))
    with pytest.raises(BackupRefused, match=f"there is {alias}/of/others"):
        restore(made.path, watch)
    assert not User.objects.exists()


def test_a_restore_that_was_killed_can_be_run_again(site, tmp_path):
    made = back_up(tmp_path)
    wipe()
    storages["originals"].save(site.original.name, ContentFile(b"\xff\xd8ph"))  # half of it
    restore(made.path, watch)
    with storages["originals"].open(site.original.name) as file:
        assert file.read() == b"\xff\xd8photo"


def test_a_backup_of_newer_code_is_refused(site, tmp_path):
    made = back_up(tmp_path)
    manifest = read_manifest(made.path)
    manifest["migrations"].append("voting.0099_from_the_future")
    (made.path / "SHA256SUMS").unlink()
    path = places.finish(made.path.rename(f"{made.path}.unfinished"), manifest)
    wipe()
    with pytest.raises(BackupRefused, match=r"newer version of the site, with voting\.0099"):
        restore(path, watch)


def test_only_the_last_ones_are_kept_with_the_files_they_name(site, tmp_path):
    first = back_up(tmp_path)
    storages["originals"].delete(site.original.name)
    second = back_up(tmp_path, later=1)
    assert making.forget_old(tmp_path, 1) == 1
    assert backups(tmp_path) == [second.path]
    assert not first.path.exists()
    assert len(list((tmp_path / "files").glob("??/*"))) == 1
    assert list(damages(second.path, watch)) == []


def test_the_commands_say_what_they_did(site, tmp_path, capsys):
    call_command("backup", str(tmp_path), derivatives=True, keep=1)
    (path,) = backups(tmp_path)
    assert capsys.readouterr().out.splitlines()[-1] == str(path)
    call_command("restore", str(path), verify_only=True)
    assert capsys.readouterr().out == f"{path} is whole.\n"
    wipe()
    call_command("restore", str(path))
    assert "OK. What to do now:" in capsys.readouterr().out
