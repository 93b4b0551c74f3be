"""What search engines are told of editions, works and awards: schema.org as plain dicts (JSON-LD).

Plain values in, dicts out; an empty value is left out. Addresses are absolute.
https://schema.org/ExhibitionEvent, /ImageObject, /VideoObject, /CreativeWork, /ItemList,
/BreadcrumbList
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Node = dict[str, Any]
CONTEXT = "https://schema.org"
AUTHORS_APART = "、"


@dataclass(frozen=True)
class Picture:
    """A picture as the public gets it; measures in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Film:
    """A video as the public gets it; `thumbnail` is the address of a picture of it."""

    url: str
    thumbnail: str
    seconds: float | None
    shown_since: datetime | None


@dataclass(frozen=True)
class Work:
    """What may be said of a work. `authors` and `organisation` are "" while nobody is named."""

    title: str
    url: str
    story: str = ""
    authors: str = ""
    organisation: str = ""
    credit: str = ""
    place: str = ""
    taken_on: date | None = None
    pictures: Sequence[Picture] = ()
    film: Film | None = None
    awards: Sequence[str] = ()


@dataclass(frozen=True)
class Exhibition:
    """An edition, as something one can visit on these pages."""

    title: str
    theme: str
    url: str
    organiser: str
    opens_at: datetime
    picture: str = ""


def graph(nodes: Iterable[Node]) -> Node:
    """Return one document with all of the nodes."""
    return {"@context": CONTEXT, "@graph": list(nodes)}


def exhibition(one: Exhibition) -> Node:
    """Return the edition as an exhibition on the web."""
    return _filled(
        {
            "@type": "ExhibitionEvent",
            "name": one.title,
            "description": one.theme,
            "url": one.url,
            "image": one.picture,
            "startDate": one.opens_at.isoformat(),
            "eventStatus": f"{CONTEXT}/EventScheduled",
            "eventAttendanceMode": f"{CONTEXT}/OnlineEventAttendanceMode",
            "location": {"@type": "VirtualLocation", "url": one.url},
            "organizer": _filled({"@type": "Organization", "name": one.organiser}, needs="name"),
        }
    )


def work(one: Work) -> Node:
    """Return a film, a photo, or a series as a work with its photos in order."""
    if one.film is not None:
        return _filled(_facts(one) | _film(one.film))
    if len(one.pictures) == 1:
        return _filled(_facts(one) | _picture(one.pictures[0]))
    parts = [_filled(_picture(each) | _rights(one)) for each in one.pictures]
    return _filled(_facts(one) | {"@type": "CreativeWork", "hasPart": parts})


def crumbs(steps: Iterable[tuple[str, str]]) -> Node:
    """Return the way to a page as (name, address), from the front page."""
    return {"@type": "BreadcrumbList", "itemListElement": _numbered(steps, "item")}


def item_list(name: str, items: Iterable[tuple[str, str]]) -> Node:
    """Return works or pages as (name, address), in order."""
    listed = _numbered(items, "url")
    return {
        "@type": "ItemList",
        "name": name,
        "numberOfItems": len(listed),
        "itemListElement": listed,
    }


def _numbered(items: Iterable[tuple[str, str]], address: str) -> list[Node]:
    return [
        {"@type": "ListItem", "position": place, "name": name, address: url}
        for place, (name, url) in enumerate(items, 1)
    ]


def _facts(one: Work) -> Node:
    return {
        "name": one.title,
        "description": one.story,
        "url": one.url,
        "dateCreated": one.taken_on.isoformat() if one.taken_on else "",
        "contentLocation": _filled({"@type": "Place", "name": one.place}, needs="name"),
        "award": list(one.awards),
    } | _rights(one)


def _rights(one: Work) -> Node:
    """Return whose the work is: nothing while nobody may be named, the credit included."""
    if not one.authors:
        return {}
    people = [name.strip() for name in one.authors.split(AUTHORS_APART) if name.strip()]
    return {
        "creator": [{"@type": "Person", "name": name} for name in people],
        "sourceOrganization": _filled(
            {"@type": "Organization", "name": one.organisation}, needs="name"
        ),
        "creditText": one.credit or one.authors,
        "copyrightNotice": f"© {one.authors}",
    }


def _picture(one: Picture) -> Node:
    return {
        "@type": "ImageObject",
        "contentUrl": one.url,
        "width": one.width,
        "height": one.height,
    }


def _film(one: Film) -> Node:
    return {
        "@type": "VideoObject",
        "contentUrl": one.url,
        "thumbnailUrl": one.thumbnail,
        "duration": f"PT{round(one.seconds)}S" if one.seconds else "",
        "uploadDate": one.shown_since.isoformat() if one.shown_since else "",
    }


def _filled(node: Node, needs: str = "") -> Node:
    """Return the node without what is empty; {} when it has nothing under `needs`."""
    if needs and not node[needs]:
        return {}
    return {name: value for name, value in node.items() if value not in ("", None, [], {})}
