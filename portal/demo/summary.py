"""What the demo left behind: for people as a table, for machines as JSON."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.models import Count, Model, QuerySet
from django.db.models.fields.files import FieldFile

from competition.awards.models import Award, Objection
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from media_processing.models import MediaAsset
from media_processing.states import AssetState
from portal.demo.cast import PASSWORD
from portal.results.bundle.verify import verify as verify_bundle
from portal.results.models import Certificate, Package
from voting.ledger.verify import verify
from voting.models import Ballot, Ledger

LOGINS = [
    ("organiser", "organiser@example.org", "/admin/"),
    ("association manager", "association@example.org", "/screening/"),
    ("company's entrant", "company@example.org", "/my/"),
    ("judge", "judge@example.org", "/judging/"),
]


def count_everything(seconds: float) -> dict[str, Any]:
    """Return the counts of both editions together."""
    return {
        "entries": _counts(Entry.objects.all(), "state"),
        "assets": {
            "ready": MediaAsset.objects.filter(state=AssetState.READY).count(),
            "rejected": MediaAsset.objects.filter(state=AssetState.REFUSED).count(),
        },
        "scorecards": Scorecard.objects.count(),
        "ballots": {
            Ballot.Status(status).name.lower(): count
            for status, count in _counts(Ballot.objects.all(), "status").items()
        },
        "ledger": _ledger(),
        "awards": _counts(Award.objects.filter(award_list__state="published"), "category__code"),
        "objections": _counts(Objection.objects.all(), "state"),
        "certificates": Certificate.objects.count(),
        "packages": _counts(Package.objects.all(), "state"),
        "seconds": round(seconds, 1),
    }


def _ledger() -> dict[str, str]:
    """Return the last published ledger's root, and what `manage.py verify_poll` says of it."""
    ledger = Ledger.objects.latest("made_at")
    with local(ledger.file) as path:
        check = verify(path, root=ledger.root, sha256=ledger.digest)
    return {"root": ledger.root, "verify_poll": "FAILED" if check.problems else "OK"}


def bundle_check() -> dict[str, str]:
    """Return the final bundle's root, and what `manage.py verify_results` says of it."""
    bundle = Package.objects.get(kind=Package.Kind.BUNDLE)
    with local(bundle.file) as path:
        check = verify_bundle(path, root=bundle.root)
    return {"root": bundle.root, "verify_results": "FAILED" if check.problems else "OK"}


@contextmanager
def local(kept: FieldFile) -> Iterator[Path]:
    """Yield a copy on disk, as an outsider has it: the storage may be far away."""
    with (
        tempfile.NamedTemporaryFile(suffix=Path(kept.name).suffix) as copy,
        kept.open("rb") as file,
    ):
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


def _counts(rows: QuerySet[Model], field: str) -> dict[Any, int]:
    return dict(rows.order_by(field).values_list(field).annotate(Count("pk")))


def write_json(counts: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(counts, indent=2) + "\n")


def as_table(counts: dict[str, Any]) -> str:
    """Return the counts as lines of name and number."""
    lines = []
    for name, value in counts.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for n, (label, number) in enumerate(rows):
            lines.append(f"  {name if n == 0 else '':<12}{label:<16}{number:>8}")
    return "\n".join(lines)


def as_invitation(base_url: str) -> str:
    """Return the address, and a login for each role."""
    lines = [f"  {base_url}/   (English: {base_url}/en/)", ""]
    lines += [f"  {role:<22}{email:<28}{base_url}{path}" for role, email, path in LOGINS]
    return "\n".join([*lines, f"  password of all:      {PASSWORD}"])
