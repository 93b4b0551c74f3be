"""The judge's addresses."""

from django.urls import path

from competition.judging import views

urlpatterns = [
    path("", views.queue, name="judging"),
    path("<uuid:pk>/", views.work, name="judging-work"),
]
