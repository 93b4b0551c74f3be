from django.urls import path

from voting import review_views, views

urlpatterns = [
    path("<slug:edition>/rules/", review_views.rules, name="vote-rules"),
    path("<slug:edition>/<str:number>/", views.cast, name="vote-cast"),
]
