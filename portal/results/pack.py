"""The organiser's pack: tables, captions, and the awarded originals with their credits in them.

The originals are prepared one by one and kept, whatever happens to the worker. The ZIP stores them
as they are (pictures don't shrink) in an order and with dates of its own: the same awards give the
same bytes.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from competition.awards.models import Award
from competition.entries.models import Entry, Frame
from media_processing.formats import extension_of
from portal.results.credits import Credits, file_name
from portal.results.embedding import NotEmbedded, copy_original, embed, write_sidecar
from portal.results.models import Package
from portal.results.parts import Step, whole
from portal.results.tables import all_sheets, awarded_works, awards_in_order
from portal.sheets import Sheet, csv_lines, write_xlsx

CHUNK_BYTES = 1024**2
READ_ONLY_FILE = 0o644 << 16


@dataclass(frozen=True)
class Original:
    """One picture or film of an awarded work, and where it goes in the ZIP."""

    frame: Frame
    credits: Credits
    folder: str
    name: str  # without an extension

    @property
    def format(self) -> str:
        return str(self.frame.asset.format)

    @property
    def path(self) -> str:
        return f"originals/{self.folder}/{self.name}.{extension_of(self.format)}"


def make_pack(package: Package, folder: Path, step: Step) -> Path:
    """Make the pack's ZIP in the folder and return it; see `making` for what a maker is."""
    award_list = package.award_list
    awards = awards_in_order(award_list)
    works = awarded_works(awards)
    originals = list(_originals(works))
    total = 2 * len(originals) + 1  # each is prepared, then packed; and the tables
    notes = []
    for done, one in enumerate(originals):
        step(done, total)
        notes += _prepare(one, folder, partial(step, done, total))
    at = localtime(award_list.published_at or award_list.proposed_at)
    with whole(folder / "awards.xlsx") as place:
        write_xlsx(place, *all_sheets(award_list, awards), at=at)
    made = folder / f"{award_list.edition.slug}-pack.zip"
    with whole(made) as place, ZipFile(place, "w", ZIP_STORED, allowZip64=True) as archive:
        pack = _Packing(archive, at)
        pack.file("awards.xlsx", folder / "awards.xlsx", partial(step, len(originals), total))
        for name, text in _captions(works):
            pack.text(name, text)
        if notes:
            pack.text("problems.txt", "\n".join(notes) + "\n")
        for done, one in enumerate(originals, start=len(originals) + 1):
            beat = partial(step, done, total)
            pack.file(one.path, _part(one, folder), beat)
            sidecar = _sidecar(one, folder)
            if sidecar.exists():
                pack.file(f"{one.path.rpartition('.')[0]}.xmp", sidecar, beat)
    step(total, total)
    return made


class _Packing:
    """Puts files into a ZIP with one date and one mode, so that only content makes a difference."""

    def __init__(self, archive: ZipFile, at: datetime) -> None:
        self.archive, self.date = archive, at.timetuple()[:6]

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name, self.date)
        member.external_attr = READ_ONLY_FILE
        return member

    def text(self, name: str, text: str) -> None:
        self.archive.writestr(self._member(name), text.encode())

    def file(self, name: str, path: Path, beat: Callable[[], None]) -> None:
        member = self._member(name)
        member.file_size = path.stat().st_size
        with path.open("rb") as source, self.archive.open(member, "w") as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
                beat()


# --- originals ---------------------------------------------------------------------------------


def _originals(works: dict[Entry, list[Award]]) -> Iterator[Original]:
    """Yield every frame of every work, once, under the first category that the work won in."""
    for work, awards in works.items():
        first = awards[0].category
        folder = file_name(f"{first.position + 1}", str(first))
        for frame in work.frames.all():
            name = file_name(f"{work.number}-{frame.position}", work.title)
            yield Original(frame, credits_of(frame, work, awards), folder, name)


def credits_of(frame: Frame, work: Entry, awards: Iterable[Award]) -> Credits:
    """Return what is written into the frame's file."""
    return Credits(
        number=str(work.number),
        title=work.title,
        authors=work.author_names,
        organisation=str(work.organisation),
        rights=work.credit_line,
        caption="\n".join(text for text in (frame.caption, work.story) if text),
        place=work.place,
        taken_on=work.taken_on,
        edition=str(work.edition),
        theme=work.edition.theme,
        section=str(work.section),
        awards=tuple(str(award.category) for award in awards),
        ai_use=work.ai_use,
    )


def _part(one: Original, folder: Path) -> Path:
    return folder / "originals" / one.frame.asset.pk.hex


def _sidecar(one: Original, folder: Path) -> Path:
    return _part(one, folder).with_suffix(".xmp")


def _prepare(one: Original, folder: Path, beat: Callable[[], None]) -> list[str]:
    """Make the part unless it is there; return what a person should know of it.

    Its credits are kept beside it: when they have changed since, it is made again.
    """
    part, record = _part(one, folder), _part(one, folder).with_suffix(".json")
    wanted = repr(one.credits)
    if part.exists() and record.exists():
        kept = json.loads(record.read_text())
        if kept["credits"] == wanted:
            return _in_words(one, kept)
    with whole(part) as place:
        found = _write(one, place, _sidecar(one, folder), beat)
    with whole(record) as place:
        place.write_text(json.dumps({"credits": wanted, **found}, ensure_ascii=False))
    return _in_words(one, found)


def _write(one: Original, place: Path, sidecar: Path, beat: Callable[[], None]) -> dict[str, Any]:
    """Write the file with its credits, or as it came with its credits beside it."""
    source = place.with_name("source")
    copy_original(one.frame.asset.original, source, beat)
    sidecar.unlink(missing_ok=True)
    try:
        return {"is_private": embed(source, place, one.credits, one.format, beat)}
    except NotEmbedded as error:
        source.rename(place)
        beside = place.with_name("credits.xmp")
        if write_sidecar(beside, one.credits, beat):
            beside.rename(sidecar)
        return {"error": str(error)}


def _in_words(one: Original, found: dict[str, Any]) -> list[str]:
    if error := found.get("error"):
        words = _(
            "%(file)s is as it came: no credits could be written into it, and a place or the "
            "camera's number may be in it. Don't pass it on before you have looked. (%(error)s)"
        )
        return [words % {"file": one.path, "error": error}]
    if not found["is_private"]:
        words = _(
            "%(file)s has its credits, but a place or the camera's number is still in it. "
            "Don't pass it on before you have looked."
        )
        return [words % {"file": one.path}]
    return []


# --- captions ----------------------------------------------------------------------------------


def _captions(works: dict[Entry, list[Award]]) -> Iterator[tuple[str, str]]:
    """Yield (name, text): a caption for each work, all in one for the yearbook, and as a table."""
    texts = [(work, _caption(work, awards)) for work, awards in works.items()]
    for work, text in texts:
        yield f"captions/{file_name(str(work.number), work.title)}.txt", text
    yield "captions.txt", "\n\n".join(text.rstrip("\n") for _work, text in texts) + "\n"
    header = [
        _("Work number"),
        _("Award"),
        pgettext("of a work", "Title"),
        _("Authors"),
        _("Organisation"),
        _("Place taken"),
        _("Date taken"),
        _("Story"),
        _("Credit and licence"),
    ]
    rows = [
        [
            work.number,
            _awards_in_words(awards),
            work.title,
            work.author_names,
            work.organisation,
            work.place,
            work.taken_on,
            work.story,
            work.credit_line,
        ]
        for work, awards in works.items()
    ]
    yield "captions.csv", "".join(csv_lines(Sheet("captions", header, rows)))


def _caption(work: Entry, awards: list[Award]) -> str:
    """Return the lines that a yearbook prints below a work; empty ones are left out."""
    taken = " ".join(str(part) for part in (work.place, work.taken_on or "") if part)
    frames = [f"{frame.position}. {frame.caption}" for frame in work.frames.all() if frame.caption]
    lines = [
        f"{work.number}  {_awards_in_words(awards)}",
        f"《{work.title}》",
        f"{work.author_names}  {work.organisation}",
        taken,
        work.story,
        *frames,
        work.credit_line,
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _awards_in_words(awards: list[Award]) -> str:
    return "、".join(f"{award.category} {award.rank}" for award in awards)
