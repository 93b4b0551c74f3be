"""What each group may do in the admin; set after every migrate, so that this file is the truth."""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, JUDGES, ORGANISERS

ADMIN = "wagtailadmin.access_admin"
# Editions and what hangs on them are made, changed and removed; the database refuses the
# removal of what is in use. Works, files and notices change through services only.
EDITED = {
    "competition": [
        "edition",
        "section",
        "phase",
        "criterion",
        "organisation",
        "panel",
        "judge",
        "round",
        "awardcategory",
        "awardquota",
    ],
    "voting": ["poll"],
    "notifications": ["mailing"],
    "wagtailimages": ["image"],
    "wagtaildocs": ["document"],
}
ORGANISER_PERMISSIONS = [
    ADMIN,
    *(
        f"{app}.{verb}_{model}"
        for app, models in EDITED.items()
        for model in models
        for verb in ("add", "change", "delete", "view")
    ),
    "competition.view_entry",
    "competition.change_entry",
    "competition.view_flag",
    "competition.change_flag",
    "competition.view_awardlist",
    "competition.add_awardlist",
    "competition.change_awardlist",
    "competition.view_objection",
    "competition.change_objection",
    "competition.view_standinglist",
    "media_processing.view_mediaasset",
    "media_processing.change_mediaasset",
    "notifications.view_notice",
    "results.view_package",
    "results.change_package",
    "competition.view_honour",
    "competition.change_honour",
    "voting.view_ballot",
    "voting.change_ballot",
]
PERMISSIONS = {
    ORGANISERS: ORGANISER_PERMISSIONS,
    ASSOCIATION_MANAGERS: [ADMIN, "competition.screen_entry"],
    JUDGES: ["competition.score_entry"],
    ENTRANTS: ["competition.submit_entry"],
}
PAGE_VERBS = ["add", "change", "publish", "bulk_delete", "lock", "unlock"]
FILE_VERBS = ["add", "change", "choose"]

# All that the association managers' door opens to.
MANAGER_VIEWS = {
    "wagtailadmin_home",
    "wagtailadmin_account",
    "wagtailadmin_logout",
    "wagtailadmin_login",
    "wagtailadmin_sprite",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_dismissibles",
    *(
        f"{room}:{view}"
        for room in ("organisations", "works")
        for view in ("index", "index_results", "inspect")
    ),
}


def set_permissions_after_migrate(sender: AppConfig, **kwargs: Any) -> None:
    """Set the groups once, when the last app has its permissions.

    Not after `migrate <app>` on an empty database: the tables are not there yet.
    """
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    migrated = set(kwargs.get("apps", apps).app_configs)
    if sender.name == last.name and migrated >= {
        *EDITED,
        "wagtailcore",
        "notifications",
        "results",
    }:
        set_group_permissions()


def set_group_permissions() -> None:
    """Give the four groups exactly what stands above. Safe to run at any time."""
    for name, wanted in PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(find_permissions(wanted))
    organisers = Group.objects.get(name=ORGANISERS)
    _open_pages(organisers)
    _open_files(organisers)


def find_permissions(names: Iterable[str]) -> list[Permission]:
    """Return the permissions called `app.codename`. Raises LookupError when one is missing."""
    names = list(names)
    called = Permission.objects.filter(codename__in={name.partition(".")[2] for name in names})
    by_name = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in called.select_related("content_type")
    }
    missing = sorted(set(names) - set(by_name))
    if missing:
        raise LookupError(f"No such permissions: {', '.join(missing)}")
    return [by_name[name] for name in names]


def _open_pages(group: Group) -> None:
    root = Page.objects.filter(depth=1).first()
    codenames = [f"{verb}_page" for verb in PAGE_VERBS]
    if root:
        for permission in Permission.objects.filter(
            content_type__app_label="wagtailcore", codename__in=codenames
        ):
            GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _open_files(group: Group) -> None:
    root = Collection.objects.filter(depth=1).first()
    codenames = [f"{verb}_{kind}" for verb in FILE_VERBS for kind in ("image", "document")]
    if root:
        for permission in Permission.objects.filter(
            content_type__app_label__in=["wagtailimages", "wagtaildocs"], codename__in=codenames
        ):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )


class AssociationManagersDoor:
    """Keeps who is in the admin only as an association's manager to the two lists that are theirs.

    Wagtail shows reports, choosers and page titles to everyone with access to the admin;
    an allow-list shuts those, and whatever a later version adds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if not request.path.startswith("/admin/") or _is_theirs(match):
            return None
        if is_only_manager(request.user):
            return redirect("wagtailadmin_home")
        return None


def _is_theirs(match: ResolverMatch | None) -> bool:
    return match is not None and match.view_name in MANAGER_VIEWS


def is_only_manager(user: Any) -> bool:
    """Tell whether the person's only way into the admin is the association managers' group."""
    if not user.is_authenticated or user.is_superuser or not user.has_perm(ADMIN):
        return False
    return (
        not user.groups.filter(permissions__codename="access_admin")
        .exclude(name=ASSOCIATION_MANAGERS)
        .exists()
    )
