"""Wagtail pages. They POINT AT domain objects; an entry or an award is never a page."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from competition.awards.queries import published_list
from competition.editions.models import Edition, Phase
from competition.editions.queries import current_declaration, find_phase
from competition.entries.models import Entry
from portal.pages import exhibition, result_pages, yearbook
from portal.pages.caching import is_shared, is_strangers, keep
from portal.pages.describing import described_edition, described_work, way
from portal.pages.listing import hall_of, show_list
from portal.pages.proposal import is_on_notice, proposal_of
from portal.results.queries import public_root
from voting.identity import saw_gallery
from voting.queries import BallotBox, ballot_box

# No embeds: what other sites send would need a wider content security policy.
TEXT_FEATURES = [
    "h2",
    "h3",
    "bold",
    "italic",
    "ol",
    "ul",
    "hr",
    "blockquote",
    "link",
    "document-link",
]

WORKS_ON_FRONT_PAGE = 10


class EditionPage(Page):
    """A page that shows an edition."""

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="+"
    )
    introduction = RichTextField(_("introduction"), blank=True, features=TEXT_FEATURES)

    content_panels = [*Page.content_panels, FieldPanel("edition"), FieldPanel("introduction")]

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the edition, its phases and sections read once, and its other pages' addresses."""
        prefetch_related_objects([self.edition], "phases", "sections")
        return super().get_context(request, *args, **kwargs) | {
            "edition": self.edition,
            "phase": {kind: find_phase(self.edition, kind) for kind in Phase.Kind.values},
            "address": {
                name: page.get_url(request) for name, page in self._pages_of_edition().items()
            },
            "names_are_public": exhibition.names_are_public(self.edition),
        }

    def _pages_of_edition(self) -> dict[str, Page]:
        """Return this edition's call, gallery, notice and results in this page's language."""
        kinds = {
            "call": CallPage,
            "gallery": GalleryPage,
            "notice": NoticePage,
            "results": ResultsPage,
        }
        pages = {
            name: kind.objects.live().filter(edition=self.edition_id, locale=self.locale_id).first()
            for name, kind in kinds.items()
        }
        return {name: page for name, page in pages.items() if page is not None}


class HomePage(EditionPage):
    """The front door: the current edition with its timeline, some works, the news."""

    template = "pages/home.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["timeline"] = exhibition.timeline(self.edition)
        context["is_on_notice"] = is_on_notice(self.edition)
        context["is_open"] = exhibition.is_gallery_open(self.edition)
        context["groups"] = exhibition.award_groups(self.edition)
        context["works"] = self._works(context["groups"], context["is_open"])
        context["figures"] = exhibition.edition_figures(self.edition)
        context["award_count"] = sum(group.count for group in context["groups"])
        context["earlier"] = self._earlier(request)
        context |= self._hero(context)
        context["structured"] = described_edition(request, self.edition, self.get_url(request))
        context["articles"] = (
            ArticlePage.objects.live()
            .descendant_of(self)
            .select_related("picture")
            .order_by("-published_on", "-pk")[:3]
        )
        return context

    def _works(self, groups: list[exhibition.AwardGroup], is_open: bool) -> list[Entry]:
        """Return works for the front page: the first awards, else a few of those on show."""
        if groups:
            return yearbook.bring_pictures(groups[0].works[:WORKS_ON_FRONT_PAGE])
        if is_open:
            return exhibition.selected_works(self.edition, WORKS_ON_FRONT_PAGE)
        return []

    def _hero(self, context: dict[str, Any]) -> dict[str, Any]:
        """Return the front page's large picture: of this edition, else of the last one."""
        if context["works"]:
            hero = exhibition.take_landscape(context["works"])
            address, is_named = context["address"].get("gallery"), context["names_are_public"]
        elif context["earlier"]:
            hero = exhibition.take_landscape(context["earlier"]["works"])
            address = context["earlier"]["gallery_url"]
            is_named = True
        else:
            return {}
        return {
            "hero": hero,
            "hero_url": address,
            "hero_is_named": is_named,
            "preview_asset": exhibition.first_asset(hero),
        }

    def _earlier(self, request: HttpRequest) -> dict[str, Any] | None:
        """Return the awarded works of the last edition in the archive, with its addresses."""
        results = (
            ResultsPage.objects.live()
            .child_of(self)
            .exclude(edition=self.edition_id)
            .select_related("edition")
            .order_by("-edition__created_at")
            .first()
        )
        groups = exhibition.award_groups(results.edition) if results else []
        if not groups:
            return None
        gallery = GalleryPage.objects.live().child_of(self).filter(edition=results.edition).first()
        return {
            "edition": results.edition,
            "results_url": results.get_url(request),
            "gallery_url": gallery.get_url(request) if gallery else "",
            "works": yearbook.bring_pictures(groups[0].works[:WORKS_ON_FRONT_PAGE]),
        }


class CallPage(EditionPage):
    """The call for entries: theme, sections and their rules, dates, criteria, awards."""

    template = "pages/call.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("call for entries")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        sections = list(self.edition.sections.all())
        criteria = list(self.edition.criteria.all())
        total = sum(criterion.weight for criterion in criteria)
        context["timeline"] = exhibition.timeline(self.edition)
        context["declaration"] = current_declaration(self.edition)
        context["sections"] = sections
        context["criteria"] = [(each, round(100 * each.weight / total)) for each in criteria]
        context["quotas"] = exhibition.quota_table(self.edition, sections)
        return context


class GalleryPage(RoutablePageMixin, EditionPage):
    """All admitted works, with filter and search, and a page for each work."""

    template = "pages/gallery.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("gallery")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["is_open"] = self.is_open
        context["opens_at"] = exhibition.gallery_opens_at(self.edition)
        return context

    @cached_property
    def is_open(self) -> bool:
        prefetch_related_objects([self.edition], "phases", "sections")
        return exhibition.is_gallery_open(self.edition)

    @path("")
    def list_works(self, request: HttpRequest) -> HttpResponse:
        """Show the works; see portal.pages.listing."""
        hall = hall_of(self, request)
        response = show_list(hall, request)
        if self.is_open and is_strangers(request):
            response.hall = hall
        return response

    def _ballot_box(self, request: HttpRequest) -> BallotBox | None:
        """Return the poll as the page shows it: with the visitor's votes if the page is theirs."""
        if not self.is_open:
            return None
        return ballot_box(request, self.edition, is_personal=not is_shared(request))

    def _show(
        self,
        request: HttpRequest,
        box: BallotBox | None,
        context: dict[str, Any],
        template: str,
    ) -> HttpResponse:
        """Answer with a page of works; others may be shown the same while the works are."""
        is_voting = box is not None and box.is_open
        if is_voting:
            saw_gallery(request)
        context["ballot_box"] = box
        response = self.render(request, template=template, context_overrides=context)
        return keep(response, marks=is_voting) if self.is_open else response

    @path("works/<str:number>/")
    def show_work(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show one work. Before the gallery opens every number answers 404."""
        works = exhibition.gallery_works(self.edition).filter(number=number)
        work = works.first() if self.is_open else None
        if work is None:
            raise Http404
        before, after = exhibition.neighbours(work)
        awards = yearbook.awards_of_work(work)
        context = {
            "work": work,
            "awards": awards,
            "structured": [
                described_work(request, work, awards),
                way(request, [(self.title, self.get_url(request)), (work.title, request.path)]),
            ],
            "before": before,
            "after": after,
            "preview_asset": exhibition.first_asset(work),
        }
        box = self._ballot_box(request)
        return self._show(request, box, template="pages/work.html", context=context)

    @path("credits/")
    def show_credits(self, request: HttpRequest) -> HttpResponse:
        """Show the credits of all works on show together, so that licences are kept."""
        lines = exhibition.credit_lines(self.edition) if self.is_open else []
        return self.render(
            request, template="pages/credits.html", context_overrides={"credit_lines": lines}
        )


class NoticePage(EditionPage):
    """The proposed awards of an edition on public notice (公示), and what came of objections."""

    template = "pages/notice.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("notice of the proposed awards")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["proposal"] = proposal_of(self.edition)
        context["bundle_root"] = public_root(self.edition)
        context["is_published"] = published_list(self.edition) is not None
        return context


class ResultsPage(RoutablePageMixin, EditionPage):
    """The published awards of an edition, with the organiser's own words around them."""

    template = "pages/results.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    afterword = RichTextField(
        _("text after the awards"),
        blank=True,
        features=TEXT_FEATURES,
        help_text=_("Such as thanks, the jury's report, or when the exhibition opens."),
    )

    content_panels = [*EditionPage.content_panels, FieldPanel("afterword")]

    class Meta:
        verbose_name = _("results")

    @path("")
    def show_results(self, request: HttpRequest) -> HttpResponse:
        """Show all categories; see portal.pages.result_pages."""
        return result_pages.show_results(self, request)

    @path("statistics/")
    def show_statistics(self, request: HttpRequest) -> HttpResponse:
        """Show the edition in figures, once the results are published."""
        return result_pages.show_statistics(self, request)

    @path("<slug:code>/")
    def show_category(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show the works of one category, once they are published."""
        return result_pages.show_category(self, request, code)

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> Iterator[dict[str, Any]]:
        """Yield the page, and those below it once they are published."""
        yield from super().get_sitemap_urls(request)
        groups = exhibition.award_groups(self.edition)
        below = [group.category.code for group in groups] + ["statistics"] * bool(groups)
        for name in below:
            yield {"location": f"{self.get_full_url(request)}{name}/"}


class NewsPage(Page):
    """The list of articles."""

    template = "pages/news.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]
    subpage_types: ClassVar[list[str]] = ["pages.ArticlePage"]

    class Meta:
        verbose_name = _("news")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        articles = ArticlePage.objects.live().child_of(self).select_related("picture")
        pages = Paginator(articles.order_by("-published_on", "-pk"), 12)
        context["articles"] = pages.get_page(request.GET.get("page"))
        return context


class ArticlePage(Page):
    """One piece of news."""

    template = "pages/article.html"
    parent_page_types: ClassVar[list[str]] = ["pages.NewsPage"]
    subpage_types: ClassVar[list[str]] = []

    published_on = models.DateField(_("date"))
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    body = RichTextField(_("text"), features=[*TEXT_FEATURES, "image"])
    picture = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("published_on"),
        FieldPanel("summary"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("body"), index.SearchField("summary")]

    class Meta:
        verbose_name = _("article")
