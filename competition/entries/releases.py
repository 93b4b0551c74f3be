"""The verbs of a work's model releases: private papers, kept as they came."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.checks import (
    EntryRefused,
    FileTooLarge,
    require_editable,
    require_quota,
)
from competition.entries.models import Entry, Release
from competition.entries.papers import MAX_BYTES, MOST, sniff_paper
from competition.entries.queries import is_release_in_revision, lock_entry, lock_with_organisation
from media_processing.services import shown_name
from portal.accounts.models import User


def add_releases(*, entry: Entry, files: Iterable[Any], user: User) -> None:
    """Keep each file; one that is refused stops no other.

    Raises EntryRefused at the end, with a sentence for each that was refused.
    """
    problems: list[str] = []
    for file in files:
        try:
            add_release(entry=entry, file=file, name=file.name, user=user)
        except EntryRefused as refusal:
            problems += [f"{file.name}: {message}" for message in refusal.messages]
    if problems:
        raise EntryRefused(*problems)


@transaction.atomic
def add_release(*, entry: Entry, file: File, name: str, user: User) -> Release:
    """Keep a signed consent with the work. The same paper sent twice is kept once.

    Raises EntryRefused: can't be changed now, too many, too large, or neither PDF, JPEG nor PNG.
    """
    # One lock for the quota, which counts the files of all the organisation's works.
    locked = lock_with_organisation(entry)
    require_editable(locked, user)
    content, format_name = _read(file)
    digest = hashlib.sha256(content).hexdigest()
    if known := locked.current_releases.filter(sha256=digest).first():
        return known
    _require_room(locked, len(content))
    release = Release(
        entry=locked,
        original_name=shown_name(name),
        format=format_name,
        byte_size=len(content),
        sha256=digest,
        added_by=user,
    )
    release.file.save("release", ContentFile(content), save=False)
    try:
        release.save()
    except BaseException:
        release.file.delete(save=False)
        raise
    _log("add", release, user)
    return release


@transaction.atomic
def remove_release(*, release: Release, user: User) -> None:
    """Take a paper out of the work; it is deleted, unless a submitted revision names it.

    Harmless when somebody has taken it out already.
    """
    locked = lock_entry(release.entry)
    require_editable(locked, user)
    if not locked.current_releases.filter(pk=release.pk).exists():
        return
    _log("remove", release, user)
    if is_release_in_revision(release):
        release.removed_at = timezone.now()
        release.save(update_fields=["removed_at"])
        return
    storage, name = release.file.storage, str(release.file.name)
    release.delete()
    transaction.on_commit(partial(storage.delete, name))


def move_releases(*, source: Sequence[Entry], target: Entry) -> None:
    """Give the drafts' papers to another draft; a paper that is there already is not kept twice.

    The caller holds the works. Raises EntryRefused when they are too many for one work.
    """
    known = set(target.current_releases.values_list("sha256", flat=True))
    for release in Release.objects.filter(entry__in=source).order_by("pk"):
        if release.sha256 in known:
            transaction.on_commit(partial(release.file.storage.delete, str(release.file.name)))
            release.delete()
        else:
            known.add(release.sha256)
            release.entry = target
            release.save(update_fields=["entry"])
    if len(known) > MOST:
        raise _too_many()


def copy_releases(*, source: Entry, targets: Sequence[Entry], user: User) -> None:
    """Give each draft its own copy of the papers, to keep when another is deleted.

    Raises EntryRefused when the organisation's quota has no room for them; no copy stays then.
    """
    copies: list[Release] = []
    papers = list(source.current_releases)
    try:
        for target in targets:
            for release in papers:
                with release.file.open("rb") as file:
                    name = release.original_name
                    copies.append(add_release(entry=target, file=file, name=name, user=user))
    except BaseException:
        for copy in copies:
            copy.file.delete(save=False)
        raise


def _read(file: File) -> tuple[bytes, str]:
    """Return the content and its format. Raises EntryRefused."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise FileTooLarge(
            _("The release is larger than %(most)s MB and was not taken. Please scan it smaller.")
            % {"most": MAX_BYTES // 1024**2}
        )
    format_name = sniff_paper(content)
    if format_name is None:
        raise EntryRefused(
            _("A release is a PDF, JPEG or PNG file. This one is none, and was not taken.")
        )
    return content, format_name


def _require_room(entry: Entry, byte_size: int) -> None:
    if entry.current_releases.count() >= MOST:
        raise _too_many()
    require_quota(entry, byte_size)


def _too_many() -> EntryRefused:
    return EntryRefused(
        _("A work has %(most)s releases at most. Please put several into one PDF.") % {"most": MOST}
    )


def _log(verb: str, release: Release, user: User) -> None:
    log(
        instance=release.entry,
        action=f"competition.entry.release_{verb}",
        user=user,
        data={"name": release.original_name, "sha256": release.sha256},
    )
