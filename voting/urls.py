from django.urls import path

from voting import paper_views

urlpatterns = [
    path("<slug:edition>/mine/", paper_views.mine, name="vote-mine"),
    path("<slug:edition>/<str:number>/", paper_views.vote, name="vote-cast"),
]
