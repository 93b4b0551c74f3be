"""Where a visitor goes whose vote was refused because nobody knows yet who votes."""

from django.urls import reverse
from django.utils.http import urlencode

from voting.models import Poll


def way_to_proof(*, edition: str, identity: str, back: str, number: str = "") -> dict[str, str]:
    """Return the addresses by name, as vote.js reads them.

    `identify`: the page of the poll of the edition (its slug), which leads on to the vote for the
    work of that number and then `back`. `challenge`, only where `identity` (Poll.Identity) is the
    device: where a script gets its proof of work, and votes again by itself.
    """
    query = urlencode({"next": back, "work": number} if number else {"next": back})
    way = {"identify": f"{reverse('vote-identify', args=[edition])}?{query}"}
    if identity == Poll.Identity.DEVICE:
        way["challenge"] = reverse("vote-proof")
    return way
