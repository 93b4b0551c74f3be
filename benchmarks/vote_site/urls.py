"""The portal's addresses, and beside its vote the two that it is compared with."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from benchmarks.vote_site import views
from portal.urls import urlpatterns as portal_urls

urlpatterns = [
    *i18n_patterns(
        path("empty/<slug:edition>/<str:number>/", views.empty),
        path("textbook/<slug:edition>/<str:number>/", views.textbook),
        prefix_default_language=False,
    ),
    *portal_urls,
]
