"""The results' pages: all categories, one of them, and the edition in figures.

Before the hour the first says that nothing is published; the others answer 404.
"""

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from competition.awards.queries import published_list
from portal.pages import charts, exhibition, mosaic, yearbook
from portal.pages.caching import keep
from portal.pages.describing import described_edition, listed_works, way
from portal.pages.proposal import is_on_notice
from portal.pages.statistics import edition_statistics

if TYPE_CHECKING:
    from portal.pages.models import ResultsPage

# The works among which a wide one is looked for, to stand at the head.
HEAD_FROM = 12


def show_results(page: "ResultsPage", request: HttpRequest) -> HttpResponse:
    """Show the categories, each with all its works or a row of each section; else when they come.

    Beside them the honours, the organiser's words, and the archive.
    """
    context = page.get_context(request) | {"others": _others(page, request)}
    groups, award_list = exhibition.award_groups(page.edition), published_list(page.edition)
    if not groups or award_list is None:
        context |= {
            "groups": [],
            "is_open": exhibition.is_gallery_open(page.edition),
            "is_on_notice": is_on_notice(page.edition),
        }
        return TemplateResponse(request, "pages/results.html", context)
    shown = yearbook.on_first_page(groups)
    first = groups[0].works[:HEAD_FROM]
    works = [work for group in shown for work in group.works]
    yearbook.bring_pictures([*works, *first])
    gallery = context["address"].get("gallery", "")
    context |= {
        "groups": [_pair(each, full) for each, full in zip(shown, groups, strict=True)],
        "hero": exhibition.take_landscape(first),
        "hero_category": groups[0].category,
        "award_count": sum(group.count for group in groups),
        "figures": exhibition.edition_figures(page.edition),
        "honours": page.edition.honours.select_related("organisation__association"),
        "had_notice": award_list.noticed_at is not None,
        "structured": [
            *described_edition(request, page.edition, gallery or request.path, _picture_of(page)),
            listed_works(request, page.title, works, gallery),
        ],
    }
    return _answer(page, request, "pages/results.html", context)


def show_category(page: "ResultsPage", request: HttpRequest, code: str) -> HttpResponse:
    """Show all works of one category. Raises Http404 before the hour and for other codes."""
    groups = exhibition.award_groups(page.edition)
    group = next((one for one in groups if one.category.code == code), None)
    if group is None:
        raise Http404
    works = yearbook.bring_pictures(group.works)
    title = group.category.local_title
    context = page.get_context(request)
    context |= {
        "group": group,
        "groups": groups,
        "structured": [
            way(request, [(page.title, page.get_url(request)), (title, request.path)]),
            listed_works(request, title, works, context["address"].get("gallery", "")),
        ],
    }
    return _answer(page, request, "pages/results_category.html", context)


def show_statistics(page: "ResultsPage", request: HttpRequest) -> HttpResponse:
    """Show the edition in figures. Raises Http404 before the hour: the last one is of awards."""
    if published_list(page.edition) is None:
        raise Http404
    found = edition_statistics(page.edition)
    context = page.get_context(request) | {
        "statistics": found,
        "figures": exhibition.edition_figures(page.edition),
        "charts": {
            "funnel": charts.bars(found.funnel),
            "sections": charts.bars(found.sections),
            "pictures": charts.bars(found.pictures),
            "associations": charts.bars(found.associations),
            "provinces": charts.bars(found.provinces),
            "works": charts.days(found.works_by_day),
            "votes": charts.days(found.votes_by_day),
        },
    }
    return _answer(page, request, "pages/statistics.html", context)


def _answer(
    page: "ResultsPage", request: HttpRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Show what is published, which is the same for all who are not signed in."""
    context |= {
        "results_url": page.get_url(request),
        "share_picture": {
            "url": _picture_of(page),
            "width": mosaic.WIDTH,
            "height": mosaic.HEIGHT,
        },
    }
    return keep(TemplateResponse(request, template, context), marks=False)


def _picture_of(page: "ResultsPage") -> str:
    """Return where the picture is that other sites show of the results."""
    return reverse("results-picture", args=[page.edition.slug])


def _pair(shown: exhibition.AwardGroup, full: exhibition.AwardGroup) -> dict[str, Any]:
    """Return a category as the first page shows it, with how many works each section has."""
    counts = {section.pk: len(awards) for section, awards in full.sections}
    return {
        "category": full.category,
        "count": full.count,
        "is_whole": shown.count == full.count,
        "sections": [
            {"section": section, "awards": awards, "count": counts[section.pk]}
            for section, awards in shown.sections
        ],
    }


def _others(page: "ResultsPage", request: HttpRequest) -> list[dict[str, Any]]:
    """Return the results of other editions that are published, the latest first."""
    pages = list(type(page).objects.live().sibling_of(page).exclude(pk=page.pk))
    known = yearbook.archive(one.edition_id for one in pages)
    found = [
        {"url": one.get_url(request), "past": known[one.edition_id]}
        for one in pages
        if one.edition_id in known
    ]
    return sorted(found, key=lambda one: one["past"].published_at, reverse=True)
