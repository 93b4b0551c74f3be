"""Addresses of certificates."""

from django.urls import path

from portal.results import certificate_views

urlpatterns = [
    path("certificates/", certificate_views.check, name="certificate-check"),
    path("certificates/<str:number>/", certificate_views.show, name="certificate"),
    path(
        "certificates/<str:number>/certificate.pdf",
        certificate_views.download,
        name="certificate-pdf",
    ),
]
