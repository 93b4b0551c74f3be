"""The report of a rehearsal: JSON for programs, one HTML file with charts for people."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import timezone, translation

from competition.awards.models import Award
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from media_processing.models import Derivative, MediaAsset
from portal.notifications.models import Notice
from portal.pages.charts import bars
from portal.rehearsal import journal
from portal.rehearsal.invariants import Check
from voting.models import Ballot

SHOWN = 15
# Steps whose work is done once a work: their time a work must not grow with the works.
A_WORK = ["uploads", "submission", "screening", "admission", "assignment", "scoring"]


def measured(
    size: Mapping[str, Any], names: Iterable[str], checks: Sequence[Check]
) -> dict[str, Any]:
    """Return everything that was counted and measured, whenever each step was played."""
    done = {name: journal.step_done(name) or {} for name in names}
    seconds = {name: one.get("seconds", 0.0) for name, one in done.items()}
    works = size["photos"] + size["videos"]
    return {
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "asked": dict(size),
        "machine": {"cores": os.cpu_count(), "memory_gb": _memory_gb()},
        "database": connection.vendor,
        "counts": counts(),
        "seconds": round(sum(seconds.values()), 1),
        "seconds_a_work": round(sum(seconds[name] for name in A_WORK) / works, 4),
        "steps": [
            {
                "name": name,
                "seconds": round(seconds[name], 2),
                "seconds_each": round(seconds[name] / max(1, one.get("done", 1)), 5),
                **{key: one.get(key) for key in ("done", "unit", "tries", "own_mb", "children_mb")},
            }
            for name, one in done.items()
        ],
        "peak_mb": {
            which: max((one.get(f"{which}_mb", 0) for one in done.values()), default=0)
            for which in ("own", "children")
        },
        "queue_lag_seconds": {
            kind: done["uploads"].get(kind) for kind in ("photo", "video") if "uploads" in done
        },
        "refused_votes": done.get("voting", {}).get("refused", {}),
        "slowest_pages": _slowest(done, "pages", "milliseconds"),
        "slowest_queries": _slowest(done, "queries", "seconds"),
        "longest_queries": _slowest(done, "queries", "slowest"),
        "invariants": [
            {"name": one.name, "wanted": one.wanted, "found": one.found, "kept": one.is_kept}
            for one in checks
        ],
    }


def counts() -> dict[str, Any]:
    """Return how many there are of what the edition is made of."""
    return {
        "works by state": _by(Entry, "state"),
        "files by state": _by(MediaAsset, "state"),
        "derived files": Derivative.objects.count(),
        "scorecards": Scorecard.objects.count(),
        "ballots by status": {
            Ballot.Status(status).name.lower(): number
            for status, number in _by(Ballot, "status").items()
        },
        "awards by category": _by(Award, "category__code"),
        "mails": Notice.objects.count(),
    }


def write(facts: Mapping[str, Any], folder: Path) -> Path:
    """Write report.json and report.html into the folder; return the second."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    pages = [(f"{one['who']} {one['path']}", one["milliseconds"]) for one in facts["slowest_pages"]]
    charts = {
        "steps": bars((one["name"], round(one["seconds"])) for one in facts["steps"]),
        "pages": bars((name, round(value)) for name, value in pages),
    }
    with translation.override("en"):
        page = render_to_string("rehearsal/report.html", {"facts": facts, "charts": charts})
    target = folder / "report.html"
    target.write_text(page)
    return target


def _by(model: Any, field: str) -> dict[Any, int]:
    return dict(model.objects.order_by(field).values_list(field).annotate(Count("pk")))


def _slowest(done: Mapping[str, Mapping[str, Any]], what: str, by: str) -> list[dict[str, Any]]:
    rows = [
        {"step": name, **{key: _rounded(value) for key, value in row.items()}}
        for name, one in done.items()
        for row in one.get(what, [])
    ]
    return sorted(rows, key=lambda row: -row[by])[:SHOWN]


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3)
