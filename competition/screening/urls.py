"""The screeners' addresses, under /screening/."""

from django.urls import path

from competition.screening.views import entry, meeting, works

urlpatterns = [
    path("", works.screening, name="screening"),
    path("several/", works.bulk, name="screening-bulk"),
    path("criteria/", works.criteria, name="screening-criteria"),
    path("sheets/", works.sheets, name="screening-sheets"),
    path("meeting/", meeting.meeting, name="screening-meeting"),
    path("meeting/projector/", meeting.projector, name="screening-projector"),
    path("meeting/show/", meeting.show, name="screening-meeting-show"),
    path("meeting/scores/", meeting.key_in, name="screening-meeting-scores"),
    path("meeting/card/", meeting.card, name="screening-meeting-card"),
    path("meeting/state/", meeting.state, name="screening-meeting-state"),
    path("<int:pk>/", entry.screening_entry, name="screening-entry"),
    path("<int:pk>/card/", entry.save, name="screening-card"),
]
