"""Addresses under /organisations/."""

from django.urls import path

from competition.organisations import views

urlpatterns = [
    path("new/", views.create, name="organisation-create"),
    path("join/", views.join, name="organisation-join"),
]
