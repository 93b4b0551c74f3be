"""The screeners' addresses, under /screening/."""

from django.urls import path

from competition.entries.views import screening

urlpatterns = [
    path("", screening.screening, name="screening"),
    path("<int:pk>/", screening.screening_entry, name="screening-entry"),
]
