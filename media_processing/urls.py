from django.urls import path

from media_processing import multipart_views, upload_views, views

# Everything below these is answered here, if only by 404: no page ever lies there.
urlpatterns = [
    path("derivatives/<path:name>", views.derivative, name="media-derivative"),
    path("originals/<path:token>", views.original, name="media-original"),
    path("uploads/<uuid:pk>", upload_views.upload, name="media-upload"),
    path("uploads/<uuid:pk>/parts", multipart_views.parts, name="media-upload-parts"),
    path("uploads/<uuid:pk>/complete", multipart_views.complete, name="media-upload-complete"),
]
