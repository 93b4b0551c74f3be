"""Writes credits into a copy of an original, with exiftool; the original is never touched.

Originals are strangers' files, so exiftool runs as every decoder here: limited, and alone.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.core.files import File

from media_processing.formats import extension_of
from media_processing.limits import Limits, ProgramFailed, TooCostly, run
from portal.results.credits import PRIVATE, Credits, removals_for, tags_for

LIMITS = Limits(cpu_seconds=120, wall_seconds=600, memory_mb=1024, niceness=10)
CHUNK_BYTES = 1024**2
# No file of settings is read; texts are UTF-8; films may be larger than 4 GB.
EXIFTOOL = ["exiftool", "-config", "", "-q", "-api", "LargeFileSupport=1"]


class NotEmbedded(Exception):
    """exiftool could not write into this file; the words are its own."""


def copy_original(original: File, target: Path, beat: Callable[[], None]) -> None:
    """Copy the file out of its storage, which may be far away."""
    with original.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK_BYTES):
            copy.write(chunk)
            beat()


def embed(
    source: Path, target: Path, credits: Credits, format_name: str, beat: Callable[[], None]
) -> bool:
    """Write `target`: the source with these credits and without what is private.

    Returns whether a second look found nothing private left in it. The same file and credits give
    the same bytes. Raises NotEmbedded, and what `beat` raises.
    """
    named = source.with_name(f"source.{extension_of(format_name)}")
    made = source.with_name(f"made.{extension_of(format_name)}")
    tags = source.with_name("tags.json")
    source.rename(named)
    said = [{"SourceFile": "*", **tags_for(credits, format_name)}]
    tags.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    arguments = ["-charset", "iptc=UTF8", *removals_for(format_name), f"-j={tags}"]
    made.unlink(missing_ok=True)
    try:
        _run([*arguments, "-o", str(made), str(named)], beat)
        if not made.exists():
            raise NotEmbedded("it wrote nothing")
        left = _run(["-ee", "-s", *PRIVATE, str(made)], beat)
    except (ProgramFailed, TooCostly) as error:
        raise NotEmbedded(str(error).splitlines()[0]) from error
    finally:
        with suppress(FileNotFoundError):
            named.rename(source)
    shutil.move(made, target)
    return not left.strip()


def write_sidecar(target: Path, credits: Credits, beat: Callable[[], None]) -> bool:
    """Write the credits into an XMP file of their own, beside; return whether it went well."""
    tags = target.with_name("sidecar.json")
    said = [{"SourceFile": "*", **tags_for(credits, "xmp")}]
    tags.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    try:
        _run([f"-j={tags}", "-o", str(target)], beat)
    except (ProgramFailed, TooCostly):
        return False
    return target.exists()


def _run(arguments: list[str], beat: Callable[[], None]) -> str:
    return run([*EXIFTOOL, *arguments], limits=LIMITS, beat=beat)
