from django.urls import path, re_path

from media_processing import views

urlpatterns = [
    # Our own names only: no temporary file, no path, nothing somebody thought of.
    re_path(
        r"^derivatives/(?P<name>[0-9a-f]{2}/[0-9a-f]{64}\.(?:webp|jpg|mp4))$",
        views.derivative,
        name="media-derivative",
    ),
    path("originals/<str:token>", views.original, name="media-original"),
]
