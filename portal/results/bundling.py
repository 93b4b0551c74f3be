"""From rows to a bundle: read in one moment, written, and checked as a stranger would check it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _

from competition.awards.models import AwardList
from portal.results.bundle.packing import write_bundle
from portal.results.bundle.parts import FINAL, NOTICE
from portal.results.bundle.verify import verify
from portal.results.bundle_facts import BundleRefused, Facts
from portal.results.models import Package
from portal.results.parts import Step

PARTS = 3  # read, written and checked
PROBLEMS_SHOWN = 5
STAGES = {Package.Kind.NOTICE_BUNDLE: NOTICE, Package.Kind.BUNDLE: FINAL}


def make_bundle(package: Package, folder: Path, step: Step) -> Path:
    """Make the package's bundle and set its root; return the file. Raises BundleRefused.

    Pseudonyms are drawn anew each time, so a bundle that is there already is kept, not remade.
    """
    path = folder / bundle_name(package)
    step(0, PARTS)
    if not path.exists():
        draft = folder / "draft.zip"
        with _one_moment():
            _write(package, draft, folder)
        step(1, PARTS)
        _checked(draft)
        draft.rename(path)
    step(2, PARTS)
    package.root = _checked(path)
    Package.objects.filter(pk=package.pk).update(root=package.root)
    step(PARTS, PARTS)
    return path


def bundle_name(package: Package) -> str:
    """Return the name of the file as it is downloaded."""
    award_list = package.award_list
    return f"{award_list.edition.slug}-{package.kind}-v{award_list.version}.zip"


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read all rows as they were at one moment. SQLite does so in any transaction."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _checked(path: Path) -> str:
    """Return the bundle's root, or remove it. Raises BundleRefused."""
    check = verify(path)
    if not check.problems:
        return check.root
    path.unlink()
    raise BundleRefused(
        _(
            "No bundle was made: the awards do not follow from what is kept now. Something has "
            "changed since the standings were frozen or the awards proposed. Please change "
            "nothing more and show this to whoever runs the site:"
        ),
        *check.problems[:PROBLEMS_SHOWN],
    )


def _write(package: Package, path: Path, folder: Path) -> None:
    stage = STAGES[Package.Kind(package.kind)]
    facts = Facts(AwardList.objects.select_related("edition").get(pk=package.award_list_id), stage)
    facts.require_state()
    edition, ledger = facts.award_list.edition, facts.ledger
    head = {
        "edition": {"slug": edition.slug, "title": edition.title, "title_en": edition.title_en},
        "stage": stage,
        "version": facts.award_list.version,
    }
    copy = folder / "ledger.jsonl.gz" if ledger else None
    if ledger and copy:
        with ledger.file.open("rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
    write_bundle(path, head, facts.contents(), copy, ledger.lines if ledger else 0)
