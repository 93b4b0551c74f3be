"""The database killed -9, and then restarted in order, while people vote.

python -m tests.faults.database_restarted
"""

import sys
import time
from collections import Counter

from tests.faults.account import Account
from tests.faults.site import Site, faulty_site
from tests.faults.voters import Voters, open_poll, recount

SECONDS_AWAY = 4
PAGES = ("/", "/gallery/", "/accounts/login/", "/my/")


def main() -> int:
    account = Account("database restarted while people vote")
    with faulty_site(durable=True) as site:
        open_poll(site)
        site.start_web()
        voters = Voters(site)
        with voters.at_work():
            account.missing("votes before", 0 if voters.more_are_acknowledged() else 1)
            for end in (site.database.kill, site.database.stop):
                _close_ours()
                end()
                look_at_pages(account, site)
                site.database.start()
                account.missing("recoveries", 0 if voters.more_are_acknowledged() else 1)
        _close_ours()
        recount(account, voters)
    return account.close()


def look_at_pages(account: Account, site: Site) -> None:
    """While it is away a page is shown as it was kept, or says in words to come again."""
    deadline = time.monotonic() + SECONDS_AWAY
    seen: Counter[str] = Counter()
    while time.monotonic() < deadline:
        for path in PAGES:
            answer = site.get(path)
            seen[f"{path} {answer.status}"] += 1
            account.missing("pages without words", 0 if answer.is_clear else 1)
    account.note(pages_while_it_was_away=dict(seen))


def _close_ours() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
