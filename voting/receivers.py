"""What this room does when another one has news."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from competition.editions.models import Edition, Section
from competition.editions.signals import edition_copied
from media_processing.signals import worker_swept
from voting.examination import examine_open_polls
from voting.models import Poll
from voting.retention import forget_where_due
from voting.rounds import make_rounds


@receiver(edition_copied, dispatch_uid="voting.copy_poll")
def copy_poll(
    sender: Any, source: Edition, copy: Edition, sections: Mapping[int, Section], **kwargs: Any
) -> None:
    """Give the copied edition a poll with the same limits, not yet closed, without ballots."""
    poll = Poll.objects.filter(edition=source).first()
    if poll is None:
        return
    new = Poll.objects.create(
        edition=copy,
        identity=poll.identity,
        votes_per_day=poll.votes_per_day,
        shows_totals=poll.shows_totals,
    )
    new.sections.set([sections[pk] for pk in poll.sections.values_list("pk", flat=True)])


@receiver(worker_swept, dispatch_uid="voting.examine_open_polls")
def examine_what_is_due(**kwargs: Any) -> None:
    examine_open_polls()


@receiver(worker_swept, dispatch_uid="voting.forget_where_due")
def forget_what_is_not_needed(**kwargs: Any) -> None:
    forget_where_due()


@receiver(worker_swept, dispatch_uid="voting.make_rounds")
def seal_and_close(**kwargs: Any) -> None:
    make_rounds(timezone.now())
