"""The verbs of a package: ask for it, make it anew, hand it out. The worker does the rest."""

import shutil
from functools import partial
from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from wagtail.log_actions import log

from competition.awards.models import AwardList
from portal.accounts.models import User
from portal.results import leases, tasks
from portal.results.making import DIED, MAKERS
from portal.results.models import Package

SALT = "results.package"
VALID_SECONDS = 600

ListState = AwardList.State
FINAL = frozenset({ListState.PUBLISHED})
# In which states of the list a package makes sense; final: though its hour may be yet to come.
ASKED_IN = {
    Package.Kind.NOTICE_BUNDLE: frozenset({ListState.NOTICED, ListState.PUBLISHED}),
    Package.Kind.BUNDLE: FINAL,
    Package.Kind.CERTIFICATES: FINAL,
    Package.Kind.PACK: FINAL,
}


class PackageRefused(Exception):
    """What is asked for cannot be made or handed out now; `messages` say why."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


def may_be_asked(award_list: AwardList, kind: str) -> bool:
    """Tell whether the list is far enough for this kind."""
    return kind in MAKERS and award_list.state in ASKED_IN[Package.Kind(kind)]


def ask_for_package(*, award_list: AwardList, kind: str, actor: User | None) -> Package:
    """Have the package made, unless it was asked for before: then return it as it is.

    Raises PackageRefused.
    """
    with transaction.atomic():
        list_now = AwardList.objects.select_for_update().get(pk=award_list.pk)
        if not may_be_asked(list_now, kind):
            raise PackageRefused(
                _("This can't be made yet: the awards are not far enough. Nothing was changed.")
            )
        package, is_new = Package.objects.get_or_create(
            award_list=list_now,
            kind=kind,
            defaults={"asked_by": actor, "lease_until": timezone.now()},
        )
        if is_new:
            log(instance=package, action="results.package.ask", user=actor, data={"kind": kind})
            # What lies there is of a row that an old backup, put back, does not know.
            shutil.rmtree(leases.working_folder(package), ignore_errors=True)
            transaction.on_commit(partial(_enqueue, package))
    return package


def remake_package(*, package: Package, actor: User | None) -> Package:
    """Make a ready package anew, or try a failed one again; its parts are kept.

    While it is made anew the old file is not handed out; it goes when the new one is there.
    Raises PackageRefused while it waits or is being made.
    """
    with transaction.atomic():
        ended = Package.objects.filter(
            pk=package.pk, state__in=[Package.State.READY, Package.State.FAILED]
        )
        now = timezone.now()
        changed = ended.update(
            state=Package.State.WAITING,
            attempts=0,
            done=0,
            total=0,
            problem="",
            asked_by=actor,
            asked_at=now,
            lease_until=now,
        )
        if not changed:
            raise PackageRefused(
                _("It is being made already. Wait until it is ready; nothing was changed.")
            )
        package.refresh_from_db()
        data = {"kind": package.kind}
        log(instance=package, action="results.package.remake", user=actor, data=data)
        transaction.on_commit(partial(_enqueue, package))
    return package


def download_path(*, package: Package, user: User) -> str:
    """Return the path at which this person can fetch the file for VALID_SECONDS, and log it.

    Raises PackageRefused when it is not ready.
    """
    if package.state != Package.State.READY:
        raise PackageRefused(_("It is not ready. Wait until it is made, then download it."))
    log(instance=package, action="results.package.fetch", user=user, data={"kind": package.kind})
    token = signing.dumps([package.pk, str(user.pk)], salt=SALT)
    return reverse("package-file", args=[token])


def read_token(token: str) -> tuple[int, str]:
    """Return the package's and the person's id. Raises django.core.signing.BadSignature."""
    package_id, user_id = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    return package_id, user_id


def take_up_what_was_left() -> None:
    """Give up what was tried too often, and see that the rest has a message. Run by the clock."""
    leases.give_up_exhausted(DIED)
    left = list(leases.expired())
    waiting = _packages_with_a_message() if left else set()
    for package in left:
        if package.pk not in waiting:
            _enqueue(package)


def is_anything_unfinished() -> bool:
    """Tell whether some package waits or is being made."""
    return Package.objects.filter(state__in=leases.UNFINISHED).exists()


def _enqueue(package: Package) -> None:
    tasks.make.enqueue(package.pk)


def _packages_with_a_message() -> set[Any]:
    waiting = DBTaskResult.objects.filter(
        backend_name=tasks.BACKEND, queue_name=tasks.QUEUE, status=TaskResultStatus.READY
    )
    return {task.args_kwargs["args"][0] for task in waiting.only("args_kwargs")}
