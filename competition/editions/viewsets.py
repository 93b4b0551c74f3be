"""The organiser's screen of editions: one form with all rules, dates and criteria."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from competition.editions.forms import EditionForm, PhaseForm, SectionForm
from competition.editions.models import Edition
from competition.editions.services import publish_declaration
from competition.editions.usual import begin_edition
from portal.admin_views import EditView, RoomViewSet, WayColumn


class CheckedInlinePanel(InlinePanel):
    """An inline panel whose rows are checked by a form class of ours."""

    def __init__(self, *args: Any, row_form: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row_form = row_form

    def clone_kwargs(self) -> dict[str, Any]:
        return super().clone_kwargs() | {"row_form": self.row_form}

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = self.row_form
        return options


SECTION_PANELS = [
    FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
    FieldRowPanel([FieldPanel("kind"), FieldPanel("position")]),
    FieldPanel("formats"),
    FieldRowPanel([FieldPanel("min_long_side"), FieldPanel("max_mb")]),
    FieldRowPanel([FieldPanel("min_frames"), FieldPanel("max_frames")]),
    FieldRowPanel([FieldPanel("min_seconds"), FieldPanel("max_seconds")]),
    FieldRowPanel(
        [FieldPanel("entries_per_organisation"), FieldPanel("forwarded_per_association")]
    ),
]
PHASE_PANELS = [
    FieldPanel("kind"),
    FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
]
CRITERION_PANELS = [
    FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
    FieldRowPanel([FieldPanel("code"), FieldPanel("weight"), FieldPanel("position")]),
    FieldPanel("description"),
    FieldPanel("description_en"),
]
BASICS = [
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
            FieldRowPanel([FieldPanel("theme"), FieldPanel("theme_en")]),
            FieldRowPanel([FieldPanel("organiser"), FieldPanel("slug")]),
            FieldPanel("grace_minutes"),
            FieldPanel("feedback"),
        ],
        heading=gettext_lazy("Name and theme"),
    ),
    MultiFieldPanel(
        [FieldPanel("rights_declaration"), FieldPanel("rights_declaration_en")],
        heading=gettext_lazy("Rights declaration"),
    ),
]


class DeclaresRights:
    """Publishes the declaration that the form says, in the transaction of the edition."""

    def save_instance(self) -> Edition:
        edition = super().save_instance()
        publish_declaration(
            edition=edition,
            text=self.form.cleaned_data["rights_declaration"],
            text_en=self.form.cleaned_data["rights_declaration_en"],
            actor=self.request.user,
        )
        return edition


class EditionCreateView(DeclaresRights, generic.CreateView):
    """The form, filled in with what most editions have."""

    def get_initial_form_instance(self) -> Edition:
        return begin_edition()


class EditionEditView(DeclaresRights, EditView):
    """The form, with the ways on to copying and to the awards."""

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        ways = [
            ("competition_forwarding", gettext_lazy("Forwarding"), "group"),
            ("competition_awards", gettext_lazy("Awards"), "success"),
            ("pages_show_edition", gettext_lazy("Show on the site"), "site"),
            ("competition_edition_copy", gettext_lazy("Copy for next year"), "copy"),
        ]
        return [
            HeaderButton(label, url=reverse(name, args=[self.object.pk]), icon_name=icon)
            for name, label, icon in ways
        ]


class PhasesColumn(Column):
    """Which phases are open now, by the clock."""

    def get_value(self, instance: Edition) -> str:
        names = [str(phase) for phase in instance.phases.all() if phase.is_open()]
        return "、".join(names) or _("No phase is open")


class EditionViewSet(RoomViewSet):
    model = Edition
    name = "editions"
    icon = "calendar-alt"
    menu_order = 10
    add_view_class = EditionCreateView
    edit_view_class = EditionEditView
    list_display = [
        "title",
        "theme",
        PhasesColumn("phases", label=gettext_lazy("Open now")),
        WayColumn("way", text=gettext_lazy("Awards"), url_name="competition_awards"),
    ]
    search_fields = ["title", "title_en", "theme"]
    edit_handler = TabbedInterface(
        [
            ObjectList(BASICS, heading=gettext_lazy("Basics")),
            ObjectList(
                [
                    CheckedInlinePanel(
                        "sections",
                        SECTION_PANELS,
                        row_form=SectionForm,
                        heading=gettext_lazy("Sections and their rules"),
                        min_num=1,
                    )
                ],
                heading=gettext_lazy("Sections"),
            ),
            ObjectList(
                [
                    CheckedInlinePanel(
                        "phases",
                        PHASE_PANELS,
                        row_form=PhaseForm,
                        heading=gettext_lazy("Phases: open by the clock"),
                    )
                ],
                heading=gettext_lazy("Phases"),
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("score_min"), FieldPanel("score_max")]),
                    InlinePanel(
                        "criteria", CRITERION_PANELS, heading=gettext_lazy("Judging criteria")
                    ),
                ],
                heading=gettext_lazy("Criteria"),
            ),
        ],
        base_form_class=EditionForm,
    )

    @staticmethod
    def rows(editions: QuerySet[Edition]) -> QuerySet[Edition]:
        return editions.prefetch_related("phases")
