from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from voting.models import Poll
from voting.retention import check_may_forget, forget_voters, polls_to_forget, to_forget
from voting.services import PollRefused


class Command(BaseCommand):
    help = (
        "Erase what is kept of voters (evidence, codes, the key of pseudonyms) once the poll is "
        "closed, its ledger published and the notice period over. The worker does it by itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("editions", nargs="*", metavar="SLUG", help="Default: where it is due.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(self, *, editions: list[str], dry_run: bool, **options: Any) -> None:
        with override("en"):
            refused = [self._forget(poll, dry_run) for poll in self._polls(editions)].count(False)
        if refused and editions:
            raise CommandError(f"{refused} of {len(editions)} polls stay as they are.")

    def _polls(self, editions: list[str]) -> list[Poll]:
        if not editions:
            return polls_to_forget()
        polls = {poll.edition.slug: poll for poll in Poll.objects.select_related("edition")}
        unknown = sorted(set(editions) - set(polls))
        if unknown:
            raise CommandError(f"No poll has this edition: {', '.join(unknown)}")
        return [polls[slug] for slug in editions]

    def _forget(self, poll: Poll, dry_run: bool) -> bool:
        """Return whether it was, or would be, done."""
        slug = poll.edition.slug
        try:
            check_may_forget(poll)
            done = to_forget(poll) if dry_run else forget_voters(poll=poll)
        except PollRefused as refusal:
            self.stdout.write(f"{slug}: {' '.join(refusal.messages)}")
            return False
        words = "would be erased" if dry_run else "erased"
        self.stdout.write(
            f"{slug}: {done.evidence} rows of evidence and {done.codes} codes {words}, "
            f"{done.voters} voters under pseudonyms."
        )
        return True
