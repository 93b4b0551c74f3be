"""Reads a Dockerfile: the few instructions ours has, and no more."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

KNOWN = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "CMD"}


@dataclass(frozen=True)
class Step:
    """One instruction and what stands after it, on one line."""

    verb: str
    text: str

    @property
    def words(self) -> list[str]:
        """The text as a list: of JSON, or split as a shell does."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def read(text: str) -> list[Step]:
    """Return the steps. Raises ValueError for an instruction we do not know how to run."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    steps = [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]
    if unknown := {step.verb for step in steps} - KNOWN:
        raise ValueError(f"unknown instructions: {', '.join(sorted(unknown))}")
    return steps


def context(folder: Path) -> Iterator[Path]:
    """Yield the files, relative to the folder, that .dockerignore lets into the image."""
    patterns = (folder / ".dockerignore").read_text().split()
    for parent, folders, files in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        folders[:] = [name for name in folders if not _is_ignored(inside / name, patterns)]
        for name in files:
            if not _is_ignored(inside / name, patterns):
                yield inside / name


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    return any(
        fnmatch(path.name, pattern.removeprefix("**/"))
        if pattern.startswith("**/")
        else fnmatch(str(path), pattern) and str(path).count("/") == pattern.count("/")
        for pattern in patterns
    )
