"""The object storage answers 503 for a minute, to the worker and to who uploads.

python -m tests.faults.storage_unavailable [--seconds 60]
"""

import argparse
import sys
import time
from contextlib import ExitStack

from tests.faults.account import Account
from tests.faults.s3_proxy import Proxy
from tests.faults.site import Answer, Site, faulty_site, until
from tests.faults.straight import StraightUpload
from tests.faults.works import Entrant, look_at_files, lose_one_on_purpose, noise, receive
from tests.servers import object_storage

FILES = 4
SIDE_OF_TWO_PARTS = 3600  # such a JPEG is longer than one part of 8 MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    account = Account(f"S3 answers 503 for {seconds:.0f} s")
    with ExitStack() as stack:
        storage = stack.enter_context(object_storage())
        proxy = Proxy(storage.port)
        stack.callback(proxy.stop)
        known = storage.environment | {"S3_ENDPOINT_URL": proxy.url}
        site = stack.enter_context(faulty_site(**known))
        break_it(account, site, proxy, seconds)
        return account.close()


def break_it(account: Account, site: Site, proxy: Proxy, seconds: float) -> None:
    from media_processing.models import MediaAsset

    entrant = Entrant.with_draft(site)
    site.start_web()
    photos = [noise(600, seed) for seed in range(FILES)]
    sent = {str(receive(photo).pk): photo for photo in photos}
    place, last = begin(entrant, noise(700, seed=99))
    straight = StraightUpload(entrant, *begin(entrant, noise(SIDE_OF_TWO_PARTS)))
    sent |= {id_of(place): last, id_of(straight.place): straight.content}
    half = straight.go_on(most=1)
    account.missing("beginnings of an upload", int(half.status != 409))
    held = MediaAsset.objects.filter(lease_token__isnull=False)
    with site.worker() as worker:
        struck_at_work = until(held.exists, seconds=60)
        proxy.go_down()
        told = try_for(seconds, site, entrant, place, last, straight)
        states = sorted(MediaAsset.objects.values_list("state", "attempts"))
        proxy.come_back()
        is_kept = until(lambda: goes_on(entrant, place, last), seconds=60)
        is_sent = until(lambda: straight.go_on().status == 204, seconds=60)
        account.missing("uploads that did not go on", [is_kept, is_sent].count(False))
        left = MediaAsset.objects.exclude(state="ready", lease_until=None)
        until(lambda: not left.exists(), seconds=90)
        account.missing("workers that died of it", 0 if worker.poll() is None else 1)
    account.missing("clear answers", [one for one in told if not one.is_clear])
    account.missing("uploads called complete in the fault", [o for o in told if o.status == 204])
    account.note(
        refused_by_the_storage=proxy.refused,
        parts_refused_by_the_storage=straight.refused_by_the_storage,
        answers=sorted({one.status for one in told}),
        states_at_the_end=states,
        struck_at_work=struck_at_work,
    )
    look_at_files(account, sent)
    lose_one_on_purpose(account, sent)


def try_for(
    seconds: float, site: Site, entrant: Entrant, place: str, last: bytes, straight: StraightUpload
) -> list[Answer]:
    """Upload again and again, and read a page, as long as the fault lasts; return what was said."""
    begun = time.monotonic()
    told = [entrant.send(place, last)]
    while time.monotonic() - begun < seconds:
        at_its_end = entrant.send(place, last, at=len(last))
        told += [at_its_end, straight.go_on(), site.get("/my/")]
        time.sleep(2)
    return told


def goes_on(entrant: Entrant, place: str, content: bytes) -> bool:
    """Ask where the upload ends and send the rest, as a client does; tell whether all is there."""
    offset = entrant.offset(place)
    if offset is not None and offset < len(content):
        entrant.send(place, content, at=offset)
    return offset == len(content)


def begin(entrant: Entrant, content: bytes) -> tuple[str, bytes]:
    """Announce a file before the fault; return its place and its bytes."""
    return entrant.begin(len(content)).header("Location"), content


def id_of(place: str) -> str:
    return place.strip("/").rsplit("/", 1)[-1]


if __name__ == "__main__":
    sys.exit(main())
