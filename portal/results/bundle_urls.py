"""Addresses under /results-data/."""

from django.urls import path

from portal.results import bundle_views

urlpatterns = [
    path("<slug:edition>/", bundle_views.show_verification, name="results-verify"),
    path("<slug:edition>/<slug:kind>/", bundle_views.download_bundle, name="results-bundle"),
]
