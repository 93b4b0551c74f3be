"""The association's page of companies, under /organisations/companies/."""

from django.urls import path

from competition.entries.views import companies

urlpatterns = [path("", companies.companies, name="companies")]
