"""What the pages tell search engines: from an edition's rows to schema.org (structured.py)."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest

from competition.awards.models import Award
from competition.editions.models import Edition
from competition.entries.models import Entry
from media_processing.models import MediaAsset
from media_processing.queries import clips, stills
from portal.pages import structured
from portal.pages.exhibition import gallery_opens_at, names_are_public


def described_edition(
    request: HttpRequest, edition: Edition, url: str, picture: str = ""
) -> list[structured.Node]:
    """Return the edition as an exhibition; nothing while nobody knows when it opens.

    `url` and `picture` are paths.
    """
    opens_at = gallery_opens_at(edition)
    if opens_at is None:
        return []
    return [
        structured.exhibition(
            structured.Exhibition(
                title=edition.local_title,
                theme=edition.local_theme,
                url=request.build_absolute_uri(url),
                organiser=edition.organiser,
                opens_at=opens_at,
                picture=request.build_absolute_uri(picture) if picture else "",
            )
        )
    ]


def described_work(request: HttpRequest, work: Entry, awards: Iterable[Award]) -> structured.Node:
    """Return a work that is on show, with its pictures; its people only where they are public."""
    is_named = names_are_public(work.edition)
    assets = [frame.asset for frame in work.frames.all()]
    film = work.section.is_video and bool(assets)
    edition = work.edition.local_title
    return structured.work(
        structured.Work(
            title=work.title,
            url=request.build_absolute_uri(request.path),
            story=work.story,
            authors=work.author_names if is_named else "",
            organisation=work.organisation.name if is_named else "",
            credit=work.credit_line if is_named else "",
            place=work.place,
            taken_on=work.taken_on,
            pictures=[] if film else _pictures(request, assets),
            film=_film(request, work, assets[0]) if film else None,
            awards=[f"{award.category.local_title} · {edition}" for award in awards],
        )
    )


def listed_works(
    request: HttpRequest, name: str, works: Sequence[Entry], gallery_url: str
) -> structured.Node:
    """Return works as a list that leads to their pages."""
    address = request.build_absolute_uri(gallery_url)
    return structured.item_list(
        name, [(work.title, f"{address}works/{work.number}/") for work in works]
    )


def way(request: HttpRequest, steps: Iterable[tuple[str, str]]) -> structured.Node:
    """Return the way to a page as (title, path), from the front page."""
    return structured.crumbs((name, request.build_absolute_uri(path)) for name, path in steps)


def _pictures(request: HttpRequest, assets: Iterable[MediaAsset]) -> list[structured.Picture]:
    found = [stills(asset) for asset in assets]
    return [
        structured.Picture(
            request.build_absolute_uri(each[-1].file.url), each[-1].width, each[-1].height
        )
        for each in found
        if each
    ]


def _film(request: HttpRequest, work: Entry, asset: MediaAsset) -> structured.Film | None:
    playable, posters = clips(asset), stills(asset)
    if not playable:
        return None
    return structured.Film(
        url=request.build_absolute_uri(playable[0].file.url),
        thumbnail=request.build_absolute_uri(posters[-1].file.url) if posters else "",
        seconds=asset.seconds,
        shown_since=gallery_opens_at(work.edition),
    )
