"""Addresses under /notice/."""

from django.urls import path

from competition.awards import objection_views as views

urlpatterns = [
    path("<slug:edition>/objections/new/", views.new, name="objection-new"),
    path("<slug:edition>/objections/<str:receipt>/", views.sent, name="objection-sent"),
]
