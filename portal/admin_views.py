"""What the admin screens of every room are made of. Imports no room."""

from typing import Any

from django import forms
from django.db.models import Model, ProtectedError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

Text = str | Promise

IN_USE = gettext_lazy(
    "Nothing was saved: something you removed is in use (%(uses)s). Keep it, or remove those first."
)


def tell_uses(error: ProtectedError) -> str:
    """Say in plain words what still needs the row that was to be removed."""
    uses = sorted({str(row._meta.verbose_name) for row in error.protected_objects})
    return IN_USE % {"uses": "、".join(uses)}


class EditView(generic.EditView):
    """Wagtail's, which answers in words when a removed row is still in use."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError as error:
            form.add_error(None, tell_uses(error))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)


class DeleteView(generic.DeleteView):
    """Wagtail's, which answers in words when the row is still in use."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError as error:
            messages.error(self.request, tell_uses(error))
            return redirect(self.index_url_name)


class VisibleRowsMixin:
    """Shows the rows that the model's permission policy lets this person view; else 404."""

    view_actions = ("view", "change")

    def visible_rows(self) -> Any:
        policy = policy_registry.get_by_type(self.model)
        return policy.instances_user_has_any_permission_for(self.request.user, self.view_actions)


class IndexView(VisibleRowsMixin, generic.IndexView):
    """Wagtail's list, of visible rows, with relations fetched in constant queries."""

    def get_base_queryset(self) -> Any:
        return self.queryset(self.visible_rows()) if self.queryset else self.visible_rows()


class InspectView(VisibleRowsMixin, generic.InspectView):
    """Wagtail's page of one row, of visible rows only."""

    def get_object(self, queryset: Any = None) -> Model:
        return get_object_or_404(self.visible_rows(), pk=self.pk)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {
            "url": reverse(self.index_url_name),
            "label": capfirst(self.model._meta.verbose_name_plural),
        }
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_subtitle()}]


class PictureColumn(Column):
    """A small picture; the accessor returns its address, or ""."""

    def get_value(self, instance: Model) -> SafeString | str:
        url = super().get_value(instance)
        return format_html('<img class="room-thumb" src="{}" alt="">', url) if url else ""


class StateColumn(Column):
    """The row's state, in its colour."""

    def get_value(self, instance: Any) -> SafeString:
        return format_html(
            '<span class="room-badge room-badge--{}">{}</span>',
            instance.state,
            instance.get_state_display(),
        )


class WayColumn(Column):
    """A link to what is done most with the row."""

    def __init__(self, name: str, *, text: Text, url_name: str, **kwargs: Any) -> None:
        super().__init__(name, label=gettext_lazy("Go to"), **kwargs)
        self.text, self.url_name = text, url_name

    def get_value(self, instance: Model) -> SafeString:
        url = reverse(self.url_name, args=[instance.pk])
        return format_html('<a class="room-nowrap" href="{}">{}</a>', url, self.text)


class RoomViewSet(ModelViewSet):
    """A room's list and form in the admin: no copying, words instead of errors on removal."""

    index_view_class = IndexView
    edit_view_class = EditView
    delete_view_class = DeleteView
    inspect_view_class = InspectView
    copy_view_enabled = False
    list_per_page = 50
    menu_hook = None
    #: Prepares the list's rows, e.g. `lambda rows: rows.select_related("section")`.
    rows: Any = None

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        if self.rows:
            kwargs["queryset"] = type(self).rows
        return super().get_index_view_kwargs(**kwargs)


class ReadOnlyViewSet(RoomViewSet):
    """A list and a page for each row; nothing can be added, edited or deleted as raw fields."""

    inspect_view_enabled = True
    form_fields: list[str] = []  # Wagtail builds the forms of views that have no route here
    routes = frozenset({"index", "index_results", "inspect", "history", "history_results"})

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        closed = ["add_url_name", "edit_url_name", "delete_url_name", "usage_url_name"]
        return super().get_common_view_kwargs(**kwargs) | dict.fromkeys(closed)

    def get_urlpatterns(self) -> list[Any]:
        return [url for url in super().get_urlpatterns() if url.name in self.routes]

    @property
    def url_finder_class(self) -> type[ModelAdminURLFinder]:
        names = {"edit_url_name": self.get_url_name("inspect")}
        return type("_InspectURLFinder", (ModelAdminURLFinder,), names)


class ConfirmView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, FormView):
    """Says what will happen to one row, asks, and does it through a room's service."""

    permission_required = "change"
    form_class: type[forms.Form] = forms.Form
    template_name = "competition_admin/confirm.html"
    #: Exceptions of the service, each with `.messages` to show beside the form.
    refusals: tuple[type[Exception], ...] = ()
    explanation: Text = ""
    button_label: Text = gettext_lazy("Confirm")
    is_serious = False
    success_message: Text = ""

    def perform(self, form: forms.Form) -> Any:
        """Do it; the result may fill `success_message` as %(result)s."""
        raise NotImplementedError

    def get_explanation(self) -> Text:
        return self.explanation

    def get_page_subtitle(self) -> str:
        return str(self.object)

    @cached_property
    def back_url(self) -> str:
        return self.get_success_url()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": self.back_url, "label": self.get_page_subtitle()},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            explanation=self.get_explanation(),
            button_label=self.button_label,
            is_serious=self.is_serious,
            back_url=self.back_url,
            object=self.object,
            **kwargs,
        )

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            result = self.perform(form)
        except self.refusals as refusal:
            for message in getattr(refusal, "messages", [str(refusal)]):
                form.add_error(None, message)
            return self.form_invalid(form)
        words = {"object": self.object, "result": result}
        messages.success(self.request, str(self.success_message) % words)
        return redirect(self.get_success_url())


class ReasonForm(forms.Form):
    """Why; the person concerned reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=gettext_lazy("The entrant reads this. Say what is wrong and what to do."),
    )
