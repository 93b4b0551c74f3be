"""The portal's addresses, and those of the ways that its gallery is compared with."""

from django.urls import path

from benchmarks.gallery_site import views
from portal.urls import urlpatterns as portal_urls

urlpatterns = [
    path("empty/", views.empty),
    path("wagtail-tags/", views.wagtail_tags),
    path("from-nothing/", views.from_nothing),
    *portal_urls,
]
