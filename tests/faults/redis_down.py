"""Redis killed while people read, vote, sign in and upload.

python -m tests.faults.redis_down
"""

import sys
from urllib.parse import urlencode

from tests.faults.account import Account
from tests.faults.site import TOKEN, Answer, Site, faulty_site
from tests.faults.voters import Voters, open_poll, recount
from tests.faults.works import Entrant, noise

PAGES = ("/", "/gallery/", "/en/gallery/", "/accounts/login/", "/sitemap.xml")
VOTES_TRIED = 5


def main() -> int:
    account = Account("Redis down")
    with faulty_site() as site:
        open_poll(site)
        entrant = Entrant.with_draft(site)
        site.start_web()
        voters = Voters(site)
        for _ in range(VOTES_TRIED):
            voters.vote()
        site.cache.server.kill()
        site.cache.server.wait()
        look_while_it_is_away(account, site, voters, entrant)
        site.cache.start()
        account.missing("votes after", sum(voters.vote().status != 200 for _ in range(VOTES_TRIED)))
        account.missing("sign-ins after", int(sign_in(site, entrant).status != 302))
        recount(account, voters)
    return account.close()


def look_while_it_is_away(account: Account, site: Site, voters: Voters, entrant: Entrant) -> None:
    from voting.models import Ballot

    pages = {path: site.get(path).status for path in PAGES}
    account.missing("pages that cannot be read", [p for p in pages if pages[p] != 200])
    before = Ballot.objects.count()
    told = [voters.vote() for _ in range(VOTES_TRIED)]
    account.missing("votes without a clear answer", [a for a in told if a.status != 503])
    account.missing("votes taken but not limited", Ballot.objects.count() - before)
    signing_in = sign_in(site, entrant)
    account.missing("sign-ins without a clear answer", int(signing_in.status != 503))
    upload = entrant.upload(noise(700))
    account.missing("uploads", 0 if upload.status == 204 else 1)
    account.note(pages=pages, signing_in=signing_in.status, upload=upload.status)


def sign_in(site: Site, entrant: Entrant) -> Answer:
    from tests.factories import PASSWORD

    form = {"login": entrant.entry.created_by.email, "password": PASSWORD}
    return site.ask(
        "POST",
        "/accounts/login/",
        urlencode(form).encode(),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=f"csrftoken={TOKEN}",
        X_CSRFToken=TOKEN,
    )


if __name__ == "__main__":
    sys.exit(main())
