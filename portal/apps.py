from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from portal import checks
        from portal.permissions import set_permissions_after_migrate
        from portal.sheets import guard_wagtail_exports

        assert checks
        guard_wagtail_exports()
        post_migrate.connect(set_permissions_after_migrate, dispatch_uid="groups")
