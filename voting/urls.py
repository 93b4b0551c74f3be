from django.urls import path

from voting import views

urlpatterns = [path("<slug:edition>/<str:number>/", views.cast, name="vote-cast")]
