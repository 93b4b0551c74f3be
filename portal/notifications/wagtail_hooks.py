"""What the notices bring to the admin."""

from wagtail import hooks

from portal.notifications.viewsets import NoticeViewSet


@hooks.register("register_admin_viewset")
def register_notices() -> NoticeViewSet:
    return NoticeViewSet()
