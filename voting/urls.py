from django.urls import path

from voting import proof_views, views

urlpatterns = [
    path("proof/", proof_views.prove_device, name="vote-proof"),
    # Before the works: no work has this number.
    path("<slug:edition>/identify/", proof_views.identify, name="vote-identify"),
    path("<slug:edition>/<str:number>/", views.cast, name="vote-cast"),
]
