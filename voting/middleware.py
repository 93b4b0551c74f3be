"""The voter's cookie leaves with whatever response asked who the voter is."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from voting.identity import set_voter_cookie


class VoterCookie:
    """Sets the cookie when a page showed vote buttons to a device it did not know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        set_voter_cookie(request, response)
        return response
