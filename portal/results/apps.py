from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResultsConfig(AppConfig):
    name = "portal.results"
    label = "results"
    verbose_name = _("Results")

    def ready(self) -> None:
        from portal.results import receivers

        assert receivers
