"""The judge's addresses."""

from django.urls import path

from competition.judging import looking_views, views

urlpatterns = [
    path("", views.queue, name="judging"),
    path("<uuid:pk>/", views.work, name="judging-work"),
    path("<uuid:pk>/later/", looking_views.later, name="judging-later"),
    path("<uuid:pk>/flag/", looking_views.flag, name="judging-flag"),
]
