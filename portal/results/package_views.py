"""The organiser asks for packages, sees them being made, and downloads them."""

from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.awards.models import AwardList
from media_processing.overview import workers_alive
from media_processing.views import HARMLESS, send_file
from portal.results.leases import UNFINISHED
from portal.results.models import Package
from portal.results.packages import (
    MAKERS,
    PackageRefused,
    ask_for_package,
    download_path,
    may_be_asked,
    read_token,
    remake_package,
)

CONTENTS: dict[str, Promise] = {
    Package.Kind.NOTICE_BUNDLE: gettext_lazy(
        "Anonymised scores, standings, votes, rule and proposed awards, by which anybody can "
        "check the selection. Its root is shown with the notice."
    ),
    Package.Kind.BUNDLE: gettext_lazy(
        "The same for the final awards: what an outsider needs to compute every award again."
    ),
    Package.Kind.CERTIFICATES: gettext_lazy(
        "A PDF for each award and each award for organising, ready to print."
    ),
    Package.Kind.PACK: gettext_lazy(
        "A workbook of all awards and scores, captions for the yearbook, and the originals of "
        "the awarded works in full size, with their credits written into them."
    ),
}


@dataclass(frozen=True)
class Line:
    """One kind of package: what it is, and how far it is."""

    kind: str
    label: str
    contents: Promise
    package: Package | None
    may_be_asked: bool

    @property
    def is_busy(self) -> bool:
        return self.package is not None and self.package.state in UNFINISHED

    @property
    def problem(self) -> tuple[str, str] | None:
        """Return the sentence in the reader's language, and the error as it was."""
        if self.package is None or not self.package.problem:
            return None
        words, _newline, error = self.package.problem.partition("\n")
        return _(words), error


def lines_of(award_list: AwardList) -> list[Line]:
    """Return a line for each kind that can be made. One query."""
    packages = {package.kind: package for package in award_list.packages.all()}
    return [
        Line(kind.value, str(kind.label), CONTENTS[kind], found, may_be_asked(award_list, kind))
        for kind in Package.Kind
        if (found := packages.get(kind)) or kind in MAKERS
    ]


class PackagesView(
    PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView
):
    """Every kind of package of one list of awards; POST asks for one, or for one anew."""

    model = AwardList
    permission_required = "change"
    page_title = gettext_lazy("Packages")
    header_icon = "download"
    template_name = "results_admin/packages.html"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        url = reverse("competition_awards", args=[self.object.edition_id])
        awards = {"url": url, "label": str(self.object)}
        return [*self.breadcrumbs_items, awards, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = lines_of(self.object)
        is_busy = any(line.is_busy for line in lines)
        return super().get_context_data(
            award_list=self.object,
            lines=lines,
            is_busy=is_busy,
            is_stuck=is_busy and not workers_alive(),
            **kwargs,
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kind = request.POST.get("kind", "")
        package = self.object.packages.filter(kind=kind).first()
        try:
            if package:
                remake_package(package=package, actor=request.user)
            else:
                ask_for_package(award_list=self.object, kind=kind, actor=request.user)
        except PackageRefused as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The worker makes it. You may leave this page meanwhile."))
        return redirect("results_packages", self.object.pk)


class DownloadPackageView(PermissionCheckedMixin, BaseObjectMixin, View):
    """Leads to a link that is this person's, for some minutes."""

    model = Package
    permission_required = "change"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return redirect(download_path(package=self.object, user=request.user))
        except PackageRefused as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("results_packages", self.object.award_list_id)


@require_safe
def package_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve a package to the organiser it was signed for, in parts too; to others it is not there.

    The ETag is the content's hash, so a broken download goes on only in the same file.
    """
    try:
        package_id, user_id = read_token(token)
    except BadSignature as error:
        raise Http404 from error
    user = request.user
    is_theirs = user.is_authenticated and str(user.pk) == user_id
    if not is_theirs or not user.has_perm("results.change_package"):
        raise Http404
    package = get_object_or_404(Package, pk=package_id, state=Package.State.READY)
    headers = {
        **HARMLESS,
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{file_name_of(package)}"',
        "Cache-Control": "private, no-store",
        "ETag": f'"{package.sha256}"',
    }
    return send_file(request, package.file.storage, str(package.file.name), headers)


def file_name_of(package: Package) -> str:
    """Return what the file is called for whoever downloads it."""
    award_list = package.award_list
    return f"{award_list.edition.slug}-v{award_list.version}-{package.kind}.zip"
