"""How an organiser puts an edition on the site."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition
from portal.admin_views import ConfirmView
from portal.pages.models import HomePage
from portal.pages.services import create_site


class ShowEditionView(ConfirmView):
    """Makes the edition the one that the site shows; earlier ones go to the archive."""

    model = Edition
    page_title = _("Show on the site")
    header_icon = "site"
    explanation = _(
        "The front page, the call, the gallery and the results will show this edition, in both "
        "languages; pages that are missing are made. What editors wrote on them stays. Earlier "
        "editions keep a gallery and a results page of their own."
    )
    button_label = _("Show this edition")
    success_message = _("The site shows “%(object)s” now.")

    def perform(self, form: Any) -> HomePage:
        earlier = Edition.objects.filter(created_at__lt=self.object.created_at)
        return create_site(edition=self.object, archive=earlier)

    @cached_property
    def back_url(self) -> str:
        return reverse("editions:edit", args=[self.object.pk])

    def get_success_url(self) -> str:
        return self.back_url
