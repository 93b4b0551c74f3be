"""Addresses under /packages/, which have no language."""

from django.urls import path

from portal.results import package_views

urlpatterns = [path("<path:token>", package_views.package_file, name="package-file")]
