"""Addresses under /my/data/."""

from django.urls import path

from portal.personal import views

urlpatterns = [
    path("", views.personal_data, name="personal-data"),
    path("download/", views.download, name="personal-download"),
]
