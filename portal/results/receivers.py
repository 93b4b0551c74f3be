"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver

from competition.awards.models import AwardList
from competition.awards.signals import awards_noticed, awards_published
from media_processing.signals import asked_whether_idle, worker_swept
from portal.accounts.models import User
from portal.results.models import Package
from portal.results.packages import (
    ask_for_package,
    is_anything_unfinished,
    take_up_what_was_left,
)
from portal.results.tasks import QUEUE


@receiver(awards_noticed, dispatch_uid="results.commit_to_the_notice")
def commit_to_the_notice(*, award_list: AwardList, actor: User | None, **kwargs: Any) -> None:
    """Have the bundle made whose root is shown with the notice."""
    ask_for_package(award_list=award_list, kind=Package.Kind.NOTICE_BUNDLE, actor=actor)


@receiver(awards_published, dispatch_uid="results.let_everybody_verify")
def let_everybody_verify(*, award_list: AwardList, actor: User | None, **kwargs: Any) -> None:
    """Have the bundle made that is public with the results."""
    ask_for_package(award_list=award_list, kind=Package.Kind.BUNDLE, actor=actor)


@receiver(worker_swept, dispatch_uid="results.take_up_what_was_left")
def take_up_packages(**kwargs: Any) -> None:
    take_up_what_was_left()


@receiver(asked_whether_idle, dispatch_uid="results.is_anything_unfinished")
def are_packages_left(*, queues: tuple[str, ...], **kwargs: Any) -> bool:
    return QUEUE in queues and is_anything_unfinished()
