"""Writing a bundle: parts, their digests in the manifest, and its digest as the root."""

import hashlib
from pathlib import Path

from portal.results.bundle.container import Source, write_archive
from portal.results.bundle.parts import (
    FORMAT,
    LEDGER,
    MANIFEST,
    ROOT,
    RULE,
    TABLES,
    Contents,
    Line,
    in_order,
    written,
)
from voting.ledger.lines import canonical


def write_bundle(
    path: Path, head: Line, contents: Contents, ledger: Path | None = None, ballots: int = 0
) -> str:
    """Write the bundle and return its root, 64 hex digits. Raises container.Damaged.

    `head`: edition, stage and version, as the manifest has them. `ledger`: the published file
    of the vote, with so many `ballots`.
    """
    parts: list[tuple[str, Source, int]] = [(RULE, canonical(contents.rule), 1)]
    for name in TABLES:
        lines = in_order(name, contents.tables[name])
        parts.append((name, written(lines), len(lines)))
    if ledger is not None:
        parts.append((LEDGER, ledger, ballots))
    described = [
        {"name": name, "bytes": size, "sha256": sha256, "lines": lines}
        for name, source, lines in parts
        for size, sha256 in [_measured(source)]
    ]
    manifest = canonical(head | {"format": FORMAT, "parts": described})
    root = hashlib.sha256(manifest).hexdigest()
    sources = [(name, source) for name, source, _lines in parts]
    with path.open("wb") as file:
        write_archive(file, [(MANIFEST, manifest), *sources, (ROOT, f"{root}\n".encode())])
    return root


def _measured(source: Source) -> tuple[int, str]:
    """Return the size in bytes and the SHA-256."""
    if isinstance(source, bytes):
        return len(source), hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return source.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
