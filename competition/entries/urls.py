"""The entrant's addresses, under /my/."""

from django.urls import path

from competition.entries.views import (
    appeals,
    captions,
    desk,
    desk_rows,
    desk_sheet,
    entrant,
    frames,
    releases,
    uploads,
)

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
    path("works/<int:pk>/row/", desk_rows.row, name="works-desk-row"),
    path("bulk/<int:organisation>/<slug:edition>/", desk.desk, name="works-desk"),
    path("bulk/<int:organisation>/<slug:edition>/rows/", desk.rows, name="works-desk-rows"),
    path("bulk/<int:organisation>/<slug:edition>/status/", desk.status, name="works-desk-status"),
    path("bulk/<int:organisation>/<slug:edition>/files/", desk.files, name="works-desk-files"),
    path("bulk/<int:organisation>/<slug:edition>/submit/", desk.submit, name="works-desk-submit"),
    path(
        "bulk/<int:organisation>/<slug:edition>/sheet/", desk_sheet.sheet, name="works-desk-sheet"
    ),
    path(
        "bulk/<int:organisation>/<slug:edition>/template.xlsx",
        desk_sheet.template,
        name="works-desk-template",
    ),
    path("files/<int:pk>/captions/", captions.captions, name="frame-captions"),
    path("files/<int:pk>/original/", frames.original, name="frame-original"),
]
