"""The real worker, as a process: it makes the rounds of the outbox."""

from datetime import timedelta

import pytest
from django.utils import timezone

from competition.entries.models import Entry
from portal.notifications.models import Notice
from portal.notifications.services import queue_notice
from tests.factories import EntryFactory, UserFactory, open_phase
from tests.media_processing.conftest import environment
from tests.media_processing.processes import run_until_idle

__all__ = ["environment"]
pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


def test_it_sends_what_was_committed_and_never_enqueued_and_reminds_of_the_deadline(environment):
    draft = EntryFactory()
    Entry.objects.update(created_at=timezone.now() - timedelta(days=9))
    open_phase(draft.edition, "call")  # until tomorrow
    lost = Notice.objects.create(
        recipient=UserFactory(),
        kind="deadline",
        key="lost",
        context={"works": []},
        due_at=timezone.now() - timedelta(hours=1),
    )
    fresh = queue_notice(
        recipient=UserFactory(), kind="deadline", key="fresh", context={"works": []}
    )
    run_until_idle(environment)
    sent = {row.recipient: row.attempts for row in Notice.objects.filter(sent_at__isnull=False)}
    assert sent == {lost.recipient: 1, fresh.recipient: 1, draft.created_by: 1}
