"""The entrant's addresses, under /my/."""

from django.urls import path

from competition.entries.views import appeals, captions, entrant, frames, releases, uploads

urlpatterns = [
    path("", entrant.my, name="my"),
    path("works/new/<int:section>/", entrant.create, name="entry-create"),
    path("works/<int:pk>/", entrant.detail, name="entry-detail"),
    path("works/<int:pk>/edit/", entrant.edit, name="entry-edit"),
    path("works/<int:pk>/withdraw/", entrant.withdraw, name="entry-withdraw"),
    path("works/<int:pk>/appeal/", appeals.appeal, name="entry-appeal"),
    path("works/<int:pk>/delete/", entrant.delete, name="entry-delete"),
    path("works/<int:pk>/files/", frames.frames, name="entry-frames"),
    path("works/<int:pk>/uploads/", uploads.create_upload, name="entry-uploads"),
    path("works/<int:pk>/status/", frames.status, name="entry-status"),
    path("releases/<int:pk>/", releases.release, name="release-file"),
    path("files/<int:pk>/captions/", captions.captions, name="frame-captions"),
    path("files/<int:pk>/original/", frames.original, name="frame-original"),
]
