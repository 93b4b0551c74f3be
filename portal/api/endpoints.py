"""The API's addresses, and what each answers. Read-only, for everybody; see doorway.py."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer

from competition.awards.models import Award
from competition.awards.queries import published_awards
from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from portal.api.doorway import keep_until, refuse
from portal.api.parameters import (
    AwardQuery,
    EditionPath,
    LimitQuery,
    NumberPath,
    PageQuery,
    SectionQuery,
    TextQuery,
    in_words,
)
from portal.api.queries import (
    Exhibition,
    Votes,
    awards_of_works,
    awards_with_works,
    next_change,
    public_editions,
    public_notice,
    with_rules,
)
from portal.api.records import (
    award_record,
    edition_record,
    edition_summary,
    work_record,
    work_summary,
)
from portal.api.schemas import (
    AwardRecord,
    AwardsRecord,
    CategoryCount,
    EditionLinks,
    EditionRecord,
    EditionSummary,
    HonourRecord,
    HonoursRecord,
    NoticeRecord,
    Problem,
    ReplacementRecord,
    SectionCount,
    StatisticsRecord,
    WorkPage,
    WorkRecord,
)
from portal.pages.exhibition import edition_figures, on_show


class ReadableJSON(JSONRenderer):
    """JSON in which Chinese stands as it is."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="Photo and micro-video competition",
    version="1.0.0",
    description=gettext_noop(
        "Editions, works, awards and figures of the competition, as the public pages show them. "
        "Read-only, without keys or cookies."
    ),
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    renderer=ReadableJSON(),
)


EDITION = "/editions/{slug:slug}/"
FAILURES = {404: Problem, 429: Problem}


# --- editions ---------------------------------------------------------------------------------


@api.get(
    "/editions/",
    response={200: list[EditionSummary], 429: Problem},
    summary=gettext_noop("All editions"),
    description=gettext_noop("Every edition that has a public page, the newest first."),
    operation_id="list_editions",
)
def list_editions(request: HttpRequest) -> list[EditionSummary]:
    keep_until(request, None)
    return [edition_summary(one, _links(request, one)) for one in public_editions()]


@api.get(
    EDITION,
    response={200: EditionRecord, **FAILURES},
    summary=gettext_noop("One edition"),
    description=gettext_noop(
        "Its calendar, sections, criteria and award categories, and what is public now."
    ),
    operation_id="show_edition",
)
def show_edition(request: HttpRequest, slug: EditionPath) -> EditionRecord:
    edition = _edition(request, slug)
    return edition_record(Exhibition.of(edition), _links(request, edition))


@api.get(
    EDITION + "statistics/",
    response={200: StatisticsRecord, **FAILURES},
    summary=gettext_noop("An edition in figures"),
    description=gettext_noop("Works, pictures, organisations, votes and awards."),
    operation_id="show_statistics",
)
def show_statistics(request: HttpRequest, slug: EditionPath) -> StatisticsRecord:
    edition = _edition(request, slug)
    shown = Exhibition.of(edition)
    return StatisticsRecord(
        **edition_figures(edition),
        on_show=_works_by_section(edition) if shown.is_open else None,
        votes=Votes.of(edition).sum,
        awards=_awards_by_category(edition) if shown.published else None,
    )


def _works_by_section(edition: Edition) -> list[SectionCount]:
    sections = [work.section_id for work in on_show(edition)]
    return [
        SectionCount(section=one.pk, works=sections.count(one.pk)) for one in edition.sections.all()
    ]


def _awards_by_category(edition: Edition) -> list[CategoryCount]:
    given = published_awards(edition).prefetch_related(None).select_related(None)
    counts = given.order_by("category__position", "category").values_list("category__code")
    return [
        CategoryCount(category=code, awards=awards) for code, awards in counts.annotate(Count("pk"))
    ]


# --- works ------------------------------------------------------------------------------------


@api.get(
    EDITION + "works/",
    response={200: WorkPage, 422: Problem, **FAILURES},
    summary=gettext_noop("Works on show"),
    description=gettext_noop(
        "By section and number, a page at a time; none before the gallery opens. Beyond the last "
        "page there are no items."
    ),
    operation_id="list_works",
)
def list_works(
    request: HttpRequest,
    slug: EditionPath,
    section: SectionQuery,
    award: AwardQuery,
    q: TextQuery,
    page: PageQuery,
    limit: LimitQuery,
) -> WorkPage:
    edition = _edition(request, slug)
    if section is not None and section not in {one.pk for one in edition.sections.all()}:
        raise Http404
    shown = Exhibition.of(edition)
    keys = shown.keys(section, q.strip(), award)
    pages = Paginator(keys, limit).num_pages
    works = shown.works(keys[(page - 1) * limit : page * limit])
    return WorkPage(
        count=len(keys),
        page=page,
        pages=pages,
        limit=limit,
        next=_turned(request, page + 1) if page < pages else None,
        previous=_turned(request, page - 1) if 1 < page <= pages else None,
        items=_records(request, shown, works),
    )


@api.get(
    EDITION + "works/{slug:number}/",
    response={200: WorkRecord, **FAILURES},
    summary=gettext_noop("One work"),
    description=gettext_noop(
        "A work on show, with all its pictures. Before the gallery opens there is none."
    ),
    operation_id="show_work",
)
def show_work(request: HttpRequest, slug: EditionPath, number: NumberPath) -> WorkRecord:
    shown = Exhibition.of(_edition(request, slug))
    key = shown.find(number)
    if key is None:
        raise Http404
    return _records(request, shown, shown.works([key]))[0]


def _records(request: HttpRequest, shown: Exhibition, works: Sequence[Entry]) -> list[WorkRecord]:
    awards = awards_of_works(shown.edition, works)
    votes = Votes.of(shown.edition)
    return [
        work_record(
            work,
            shown,
            _work_url(request, shown.edition, work),
            awards.get(work.pk, []),
            votes.on(work),
            request.build_absolute_uri,
        )
        for work in works
    ]


# --- results ----------------------------------------------------------------------------------


@api.get(
    EDITION + "awards/",
    response={200: AwardsRecord, **FAILURES},
    summary=gettext_noop("Published awards"),
    description=gettext_noop(
        "All awards by category, section and rank; none until the hour of publication."
    ),
    operation_id="list_awards",
)
def list_awards(request: HttpRequest, slug: EditionPath) -> AwardsRecord:
    shown = Exhibition.of(_edition(request, slug))
    given = awards_with_works(published_awards(shown.edition)) if shown.published else []
    return AwardsRecord(
        results_published=shown.published is not None,
        results_published_at=shown.published_at,
        awards=[_award(request, shown, one) for one in given],
    )


@api.get(
    EDITION + "notice/",
    response={200: NoticeRecord, **FAILURES},
    summary=gettext_noop("Awards on public notice"),
    description=gettext_noop(
        "The awards as proposed, and the works that were replaced after an objection. What is "
        "final is at awards."
    ),
    operation_id="show_notice",
)
def show_notice(request: HttpRequest, slug: EditionPath) -> NoticeRecord:
    shown = Exhibition.of(_edition(request, slug))
    notice = public_notice(shown.edition)
    if notice is None:
        return NoticeRecord(
            on_notice=False, since=None, objections_until=None, awards=[], replacements=[]
        )
    phase = find_phase(shown.edition, Phase.Kind.NOTICE)
    return NoticeRecord(
        on_notice=True,
        since=notice.award_list.noticed_at,
        objections_until=phase.closes_at if phase else None,
        awards=[_award(request, shown, one) for one in notice.awards],
        replacements=[
            ReplacementRecord(
                number=one.number,
                work=one.entry.number or "",
                reason=one.reason,
                moved_up=sorted({notice.numbers[row["entry"]] for row in one.gained}),
                decided_at=one.decided_at,
            )
            for one in notice.award_list.replacements.all()
        ],
    )


@api.get(
    EDITION + "honours/",
    response={200: HonoursRecord, **FAILURES},
    summary=gettext_noop("Honours for organising"),
    description=gettext_noop("Organisations honoured for how they took part; with the results."),
    operation_id="list_honours",
)
def list_honours(request: HttpRequest, slug: EditionPath) -> HonoursRecord:
    edition = _edition(request, slug)
    published = Exhibition.of(edition).published is not None
    honours = edition.honours.select_related("organisation") if published else []
    return HonoursRecord(
        results_published=published,
        honours=[
            HonourRecord(
                organisation=one.organisation.name, kind=one.organisation.kind, reason=one.reason
            )
            for one in honours
        ],
    )


def _award(request: HttpRequest, shown: Exhibition, award: Award) -> AwardRecord:
    url = _work_url(request, shown.edition, award.entry)
    return award_record(award, work_summary(award.entry, shown, url))


# --- what all of them do ----------------------------------------------------------------------


def _edition(request: HttpRequest, slug: str) -> Edition:
    """Return a public edition, and say until when what follows will be true. Raises Http404."""
    edition = with_rules(public_editions()).filter(slug=slug).first()
    if edition is None:
        raise Http404
    keep_until(request, next_change(edition))
    return edition


def _links(request: HttpRequest, edition: Edition) -> EditionLinks:
    names = {
        "self": "show_edition",
        "works": "list_works",
        "awards": "list_awards",
        "notice": "show_notice",
        "honours": "list_honours",
        "statistics": "show_statistics",
    }
    return EditionLinks(
        **{
            link: request.build_absolute_uri(reverse(f"api:{name}", args=[edition.slug]))
            for link, name in names.items()
        }
    )


def _work_url(request: HttpRequest, edition: Edition, work: Entry) -> str:
    path = reverse("api:show_work", args=[edition.slug, work.number])
    return request.build_absolute_uri(path)


def _turned(request: HttpRequest, page: int) -> str:
    """Return this request's address with another page."""
    asked = {name: value for name, value in request.GET.items() if name != "page"}
    return request.build_absolute_uri(f"{request.path}?{urlencode(asked | {'page': page})}")


@api.exception_handler(ValidationError)
def refuse_values(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say in words what is wrong with the first value that is."""
    first = error.errors[0]
    return refuse(422, in_words(first["type"], first["loc"][-1], first.get("ctx", {})))


@api.exception_handler(Http404)
def refuse_address(request: HttpRequest, error: Http404) -> HttpResponse:
    """Let the door say it, in the same words for whatever is not there."""
    raise error
