"""In which form an answer is wanted. Imports no room."""

from django.http import HttpRequest


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script asks, which reads JSON, and not a browser that shows a page."""
    return request.accepts("application/json") and not request.accepts("text/html")
