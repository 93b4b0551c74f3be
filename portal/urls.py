"""Every address of the site. Each room brings its own."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from competition.awards.feedback_views import show_feedback
from portal.api.docs_views import show_docs
from portal.pages.feeds import NewsFeed, ResultsFeed
from portal.pages.picture_views import show_mosaic, show_poster
from portal.pages.sitemaps import show_index, show_section
from portal.pages.views import show_page, show_picture, show_robots

handler429 = "portal.unavailable.too_many_requests"  # allauth's
handler500 = "portal.unavailable.server_error"

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("robots.txt", show_robots, name="robots"),
    path("sitemap.xml", show_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", show_section, name="sitemap-section"),
    path("api/", include("portal.api.urls")),
    path("media/images/<str:name>", show_picture, name="editors-picture"),
    path("", include("media_processing.urls")),
    path("packages/", include("portal.results.package_urls")),
    path("accounts/", include("voting.account_urls")),
    *i18n_patterns(
        path("vote/", include("voting.urls")),  # what is asked most stands first
        path("accounts/", include("allauth.account.urls")),
        path("organisations/companies/", include("competition.entries.company_urls")),
        path("organisations/", include("competition.organisations.urls")),
        path("api/", show_docs, name="api-docs"),
        path("my/data/", include("portal.personal.urls")),
        path("my/works/<int:pk>/feedback/", show_feedback, name="entry-feedback"),
        path("my/", include("competition.entries.urls")),
        path("screening/", include("competition.screening.urls")),
        path("participation/", include("competition.reports.urls")),
        path("judging/", include("competition.judging.urls")),
        path("notice/", include("competition.awards.urls")),
        path("", include("portal.results.urls")),
        path("posters/<slug:edition>/<str:number>.png", show_poster, name="work-poster"),
        path("results-pictures/<slug:edition>.jpg", show_mosaic, name="results-picture"),
        path("feeds/news/", NewsFeed(), name="news-feed"),
        path("feeds/results/", ResultsFeed(), name="results-feed"),
        re_path(wagtail_urls.serve_pattern, show_page, name="page"),
        path("", include(wagtail_urls)),  # for the names of its addresses
        prefix_default_language=False,
    ),
]
