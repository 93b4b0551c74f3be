"""Addresses of certificates, and of what the results can be checked by."""

from django.urls import path

from portal.results import bundle_views, certificate_views

urlpatterns = [
    path("certificates/", certificate_views.check, name="certificate-check"),
    path("certificates/<str:number>/", certificate_views.show, name="certificate"),
    path(
        "certificates/<str:number>/certificate.pdf",
        certificate_views.download,
        name="certificate-pdf",
    ),
    path("results-data/<slug:edition>/", bundle_views.show_verification, name="results-verify"),
    path(
        "results-data/<slug:edition>/<slug:kind>/",
        bundle_views.download_bundle,
        name="results-bundle",
    ),
]
