"""Addresses under /participation/."""

from django.urls import path

from competition.reports import views

urlpatterns = [path("", views.report, name="participation")]
