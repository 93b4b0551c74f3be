"""Addresses under /organisations/."""

from django.urls import path

from competition.organisations.views import invitations, joining, members, verification

urlpatterns = [
    path("new/", joining.create, name="organisation-create"),
    path("join/", joining.join, name="organisation-join"),
    path("<int:pk>/correct/", joining.correct, name="organisation-correct"),
    path("<int:pk>/verify/", verification.judge, name="organisation-verify"),
    path("<int:pk>/members/", members.members, name="organisation-members"),
    path("<int:pk>/members/<int:member>/", members.change, name="organisation-member"),
    path("<int:pk>/leave/", members.leave, name="organisation-leave"),
    path("<int:pk>/invitations/", invitations.invite, name="organisation-invite"),
    path(
        "<int:pk>/invitations/<uuid:invitation>/revoke/",
        invitations.revoke,
        name="invitation-revoke",
    ),
    path("invitations/<str:token>/", invitations.accept, name="invitation"),
]
