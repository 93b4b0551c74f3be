from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompetitionConfig(AppConfig):
    name = "competition"
    verbose_name = _("Competition")

    def ready(self) -> None:
        # News from one room reaches another through these.
        from competition.awards import receivers as awards
        from competition.entries import receivers as entries
        from competition.judging import receivers as judging
        from competition.screening import receivers as screening

        assert awards
        assert entries
        assert judging
        assert screening
