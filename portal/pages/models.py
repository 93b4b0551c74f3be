"""Wagtail pages. They POINT AT domain objects; an entry or an award is never a page."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from competition.editions.models import Edition


class EditionPage(Page):
    """A page that shows an edition."""

    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="+"
    )
    introduction = RichTextField(_("introduction"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("edition"), FieldPanel("introduction")]

    class Meta:
        abstract = True


class HomePage(EditionPage):
    """The front door: the current edition with its timeline, some works, the news."""

    template = "pages/home.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]

    class Meta:
        verbose_name = _("home page")


class CallPage(EditionPage):
    """The call for entries: theme, sections and their rules, dates, criteria, awards."""

    template = "pages/call.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("call for entries")


class GalleryPage(RoutablePageMixin, EditionPage):
    """All admitted works, with filter and search, and a page for each work."""

    template = "pages/gallery.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("gallery")


class ResultsPage(EditionPage):
    """The published awards of an edition."""

    template = "pages/results.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]

    class Meta:
        verbose_name = _("results")


class NewsPage(Page):
    """The list of articles."""

    template = "pages/news.html"
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage"]
    subpage_types: ClassVar[list[str]] = ["pages.ArticlePage"]

    class Meta:
        verbose_name = _("news")


class ArticlePage(Page):
    """One piece of news."""

    template = "pages/article.html"
    parent_page_types: ClassVar[list[str]] = ["pages.NewsPage"]
    subpage_types: ClassVar[list[str]] = []

    published_on = models.DateField(_("date"))
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    body = RichTextField(_("text"))
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
