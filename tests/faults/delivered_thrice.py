"""The same task delivered three times at once, by threads of three processes.

python -m tests.faults.delivered_thrice
"""

import subprocess
import sys
import time

from tests.faults.account import Account
from tests.faults.site import Site, faulty_site
from tests.faults.works import look_at_files, receive
from tests.media_processing.processes import ROOT

TIMES = 3
DELIVER = """
import sys, time, django; django.setup()
from media_processing.pipeline import process_asset
from portal.notifications.pipeline import deliver
photo, clip, notice, start = sys.argv[1:]
time.sleep(max(0, float(start) - time.time()))
print(deliver(int(notice)))
process_asset(photo)
process_asset(clip)
"""
STARTING_SECONDS = 15


def main() -> int:
    account = Account("a task delivered three times")
    with faulty_site() as site:
        from tests.media_processing.makers import VIDEO_RULES, jpeg, make_clip

        photo, clip = jpeg(1500, 1000), make_clip(site.folder / "clip.mp4").read_bytes()
        ids = [str(receive(photo).pk), str(receive(clip, "clip.mp4", VIDEO_RULES).pk)]
        notice = queue_mail()
        deliver_at_once(*ids, str(notice))
        look_at_attempts(account, ids)
        look_at_files(account, dict(zip(ids, (photo, clip), strict=True)))
        look_at_mails(account, site)
        deliver_again_later(account, site, ids, notice)
    return account.close()


def queue_mail() -> int:
    from portal.notifications.services import queue_notice
    from tests.factories import UserFactory

    work = {"entry_id": 1, "title": "t", "number": "P-000001"}
    context = {"edition": "e", "works": [work]}
    return queue_notice(recipient=UserFactory(), kind="receipt", key="once", context=context).pk


def deliver_at_once(*arguments: str) -> None:
    start = str(time.time() + STARTING_SECONDS)
    command = [sys.executable, "-c", DELIVER, *arguments, start]
    for process in [subprocess.Popen(command, cwd=ROOT) for _ in range(TIMES)]:
        process.wait(timeout=120)


def look_at_attempts(account: Account, ids: list[str]) -> None:
    """One of the three did the work; the others found it taken."""
    from media_processing.models import MediaAsset

    attempts = dict(MediaAsset.objects.filter(pk__in=ids).values_list("kind", "attempts"))
    account.missing("works done twice", sum(attempts.values()) - len(ids))
    account.note(attempts=attempts)


def look_at_mails(account: Account, site: Site) -> None:
    from portal.notifications.models import Notice

    mails = _mails(site)
    account.missing("mails", 1 if mails == 0 else 0)
    account.missing("mails sent twice", max(0, mails - 1))
    account.missing("notices not marked as sent", Notice.objects.filter(sent_at=None).count())


def deliver_again_later(account: Account, site: Site, ids: list[str], notice: int) -> None:
    """The control, and a fourth delivery: nothing of it is done anew, unless the guard is off."""
    from media_processing.models import MediaAsset
    from media_processing.pipeline import process_asset
    from portal.notifications.models import Notice
    from portal.notifications.pipeline import deliver

    ends = dict(MediaAsset.objects.values_list("pk", "finished_at"))
    for pk in ids:
        process_asset(pk)
    deliver(notice)
    changed = [
        pk for pk, end in MediaAsset.objects.values_list("pk", "finished_at") if ends[pk] != end
    ]
    account.missing("results changed by a late delivery", changed)
    account.missing("mails sent twice", max(0, _mails(site) - 1))
    Notice.objects.filter(pk=notice).update(claimed_at=None, sent_at=None)
    deliver(notice)
    account.control("a mail whose claim is taken away", noticed=_mails(site) == 2)


def _mails(site: Site) -> int:
    folder = site.folder / "mails"
    return sum(path.read_bytes().count(b"\nSubject:") for path in folder.glob("*"))


if __name__ == "__main__":
    sys.exit(main())
