from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django_tasks.signals import task_finished, task_started


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from portal import checks
        from portal.monitoring.context import forget, forget_task, label_task
        from portal.permissions import set_permissions_after_migrate
        from portal.personal import receivers
        from portal.sheets import guard_wagtail_exports

        assert checks
        assert receivers
        guard_wagtail_exports()
        post_migrate.connect(set_permissions_after_migrate, dispatch_uid="groups")
        request_finished.connect(forget, dispatch_uid="request's id")
        task_started.connect(label_task, dispatch_uid="task's id")
        task_finished.connect(forget_task, dispatch_uid="task's id")
        if settings.SENTRY_DSN:
            from portal.monitoring.errors import start_reporting

            start_reporting()
