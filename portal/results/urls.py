"""Addresses of certificates, under /certificates/."""

from django.urls import path

from portal.results import certificate_views

urlpatterns = [
    path("", certificate_views.check, name="certificate-check"),
    path("<str:number>/", certificate_views.show, name="certificate"),
    path("<str:number>/certificate.pdf", certificate_views.download, name="certificate-pdf"),
]
