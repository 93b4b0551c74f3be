"""The object storage answers 503 for a minute, to the worker and to who uploads.

python -m tests.faults.storage_unavailable [--seconds 60]
"""

import argparse
import sys
import time
from contextlib import ExitStack

from tests.faults.account import Account
from tests.faults.s3_proxy import Proxy
from tests.faults.site import Site, faulty_site, until
from tests.faults.works import Entrant, look_at_files, noise, receive
from tests.servers import object_storage

FILES = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    account = Account(f"S3 answers 503 for {seconds:.0f} s")
    with ExitStack() as stack:
        storage = stack.enter_context(object_storage())
        proxy = Proxy(storage.port)
        stack.callback(proxy.stop)
        # Each of botocore's own tries waits longer; here is looked at what the site does after.
        known = storage.environment | {"S3_ENDPOINT_URL": proxy.url, "AWS_MAX_ATTEMPTS": "2"}
        site = stack.enter_context(faulty_site(**known))
        break_it(account, site, proxy, seconds)
        return account.close()


def break_it(account: Account, site: Site, proxy: Proxy, seconds: float) -> None:
    from media_processing.models import MediaAsset

    entrant = Entrant.with_draft(site)
    site.start_web()
    photos = [noise(600, seed) for seed in range(FILES)]
    sent = {str(receive(photo).pk): photo for photo in photos}
    asset_of_upload, place, last = begin_upload(entrant)
    sent[asset_of_upload] = last
    with site.worker() as worker:
        proxy.go_down()
        begun = time.monotonic()
        told = [entrant.send(place, last)]
        while time.monotonic() - begun < seconds:
            told.append(entrant.send(place, last))
            account.missing("pages without words", 0 if site.get("/my/").is_clear else 1)
            time.sleep(2)
        states = sorted(MediaAsset.objects.values_list("state", "attempts"))
        proxy.come_back()
        is_kept = until(lambda: goes_on(entrant, place, last), seconds=60)
        account.missing("uploads that did not go on", 0 if is_kept else 1)
        left = MediaAsset.objects.exclude(state="ready", lease_until=None)
        until(lambda: not left.exists(), seconds=90)
        account.missing("workers that died of it", 0 if worker.poll() is None else 1)
    account.missing("clear answers", [one for one in told if not one.is_clear])
    account.note(
        refused_by_the_storage=proxy.refused,
        answers=sorted({one.status for one in told}),
        states_at_the_end=states,
    )
    look_at_files(account, sent)


def goes_on(entrant: Entrant, place: str, content: bytes) -> bool:
    """Ask where the upload ends and send the rest, as a client does; tell whether all is there."""
    offset = entrant.offset(place)
    if offset is not None and offset < len(content):
        entrant.send(place, content, at=offset)
    return offset == len(content)


def begin_upload(entrant: Entrant) -> tuple[str, str, bytes]:
    """Announce a file before the fault; return the asset's id, its place and its bytes."""
    content = noise(700, seed=99)
    place = entrant.begin(len(content)).header("Location")
    return place.strip("/").rsplit("/", 1)[-1], place, content


if __name__ == "__main__":
    sys.exit(main())
