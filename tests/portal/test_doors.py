"""What is not yours does not exist: every address of the project, as others meet it.

A new route fails here until it has its line in the table below.
"""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import SlugConverter, UUIDConverter

from competition.entries.models import Entry
from media_processing.models import MediaAsset
from media_processing.signing import original_path
from portal.accounts.groups import ASSOCIATION_MANAGERS, JUDGES, add_to_group
from portal.monitoring.probes import PROBES
from portal.permissions import MANAGER_VIEWS, set_group_permissions
from portal.results.packages import download_path
from tests.competition.entries.worlds import World, photo
from tests.factories import (
    AssignmentFactory,
    AssociationFactory,
    InvitationFactory,
    JudgeFactory,
    MembershipFactory,
    PackageFactory,
    ReleaseFactory,
)

pytestmark = pytest.mark.django_db

OURS = ("portal.", "competition.", "voting.", "media_processing.")
METHODS = ("get", "post", "patch", "delete")

# --- the table ----------------------------------------------------------------------------

Address = Callable[[Entry], list[Any]]


def work(entry: Entry) -> list[Any]:
    return [entry.pk]


def frame(entry: Entry) -> list[Any]:
    return [entry.frames.get().pk]


def asset(entry: Entry) -> list[Any]:
    MediaAsset.objects.update(uploaded_by=entry.created_by)
    return [entry.frames.get().asset_id]


def release(entry: Entry) -> list[Any]:
    return [entry.releases.get().pk]


def desk(entry: Entry) -> list[Any]:
    return [entry.organisation_id, entry.edition.slug]


def organisation(entry: Entry) -> list[Any]:
    return [entry.organisation_id]


def member(entry: Entry) -> list[Any]:
    return [entry.organisation_id, entry.organisation.memberships.first().pk]


def invitation(entry: Entry) -> list[Any]:
    return [entry.organisation_id, entry.organisation.invitations.get().pk]


def assignment(entry: Entry) -> list[Any]:
    return [entry.assignments.get().pk]


def signed_for_its_entrant(entry: Entry) -> list[Any]:
    link = original_path(entry.frames.get().asset, entry.created_by)
    return [link.removeprefix(reverse("media-original", args=["x"]).removesuffix("x"))]


def package(entry: Entry) -> list[Any]:
    """Return a package's link, signed for who entered the work; who opens it must organise too."""
    made = PackageFactory(award_list__edition=entry.edition, state="ready", file="packages/x.zip")
    link = download_path(package=made, user=entry.created_by)
    return [link.removeprefix(reverse("package-file", args=["x"]).removesuffix("x"))]


# Of one organisation, association or judge: everybody else is answered 404.
THEIRS: dict[str, Address] = {
    "entry-detail": work,
    "entry-edit": work,
    "entry-withdraw": work,
    "entry-delete": work,
    "entry-appeal": work,
    "entry-feedback": work,
    "entry-frames": work,
    "entry-status": work,
    "entry-uploads": work,
    "screening-entry": work,
    "screening-card": work,
    "works-desk-row": work,
    "works-desk": desk,
    "works-desk-rows": desk,
    "works-desk-status": desk,
    "works-desk-files": desk,
    "works-desk-submit": desk,
    "works-desk-sheet": desk,
    "works-desk-template": desk,
    "organisation-correct": organisation,
    "organisation-verify": organisation,
    "organisation-members": organisation,
    "organisation-member": member,
    "organisation-leave": organisation,
    "organisation-invite": organisation,
    "invitation-revoke": invitation,
    "frame-original": frame,
    "frame-captions": frame,
    "release-file": release,
    "media-upload": asset,
    "media-upload-parts": asset,
    "media-upload-complete": asset,
    "media-original": signed_for_its_entrant,
    "package-file": package,
    "judging-work": assignment,
    "judging-later": assignment,
    "judging-flag": assignment,
}
# Name nothing of anybody's; each shows the person's own, or what is public.
EVERYBODYS = {
    "my",
    "entry-create",
    "organisation-create",
    "organisation-join",
    "invitation",
    "companies",
    "participation",
    "personal-data",
    "personal-download",
    "screening",
    "screening-bulk",
    "screening-criteria",
    "screening-sheets",
    "screening-meeting",
    "screening-projector",
    "screening-meeting-show",
    "screening-meeting-scores",
    "screening-meeting-card",
    "screening-meeting-state",
    "judging",
    "vote-cast",
    "vote-rules",
    "vote-checker",
    "vote-ledger",
    "vote-ledger-file",
    "vote-receipt",
    "vote-identify",
    "vote-proof",
    "vote-mine",
    "objection-new",
    "objection-sent",
    "page",
    "work-poster",
    "certificate",
    "certificate-check",
    "certificate-pdf",
    "results-verify",
    "results-bundle",
    "results-picture",
    "news-feed",
    "results-feed",
    "media-derivative",
    "editors-picture",
    "robots",
    "sitemap",
    "sitemap-section",
    "api-docs",
    "api-openapi",
    "api-nothing",
    "api:api-root",
    "api:list_editions",
    "api:show_edition",
    "api:show_statistics",
    "api:list_works",
    "api:show_work",
    "api:list_awards",
    "api:show_notice",
    "api:list_honours",
}

# Asked by machines, answered before any middleware, and so no routes.
PROBED = {"/healthz", "/readyz", "/metrics"}

# --- the walk -----------------------------------------------------------------------------


def routes(resolver: Any = None, space: str = "", path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Yield (name, pattern, path) of each route whose view is this project's."""
    for one in (resolver or get_resolver()).url_patterns:
        below = path + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, f"{space}{one.namespace}:" if one.namespace else space, below)
        elif isinstance(one, URLPattern) and _is_ours(one.callback):
            yield f"{space}{one.name}", one, below


def _is_ours(view: Any) -> bool:
    return getattr(view, "view_class", view).__module__.startswith(OURS)


def is_in_admin(path: str) -> bool:
    return path.startswith("admin/")


def test_every_address_has_its_line():
    found = {name for name, _pattern, path in routes() if not is_in_admin(path)}
    assert found == set(THEIRS) | EVERYBODYS
    assert not set(THEIRS) & EVERYBODYS
    assert set(PROBES) == PROBED


@pytest.fixture
def strangers():
    """People who have every right, and none in this work."""
    set_group_permissions()
    people = {
        "entrant": MembershipFactory(role="contributor").user,
        "company's manager": World().entrant,
        "association's manager": MembershipFactory(organisation=AssociationFactory()).user,
        "judge": JudgeFactory().user,
    }
    add_to_group(people["association's manager"], ASSOCIATION_MANAGERS)
    add_to_group(people["judge"], JUDGES)
    return people


def a_work(state: str) -> Entry:
    entry = World().entry(state, title="原题")
    ReleaseFactory(entry=entry)
    AssignmentFactory(entry=entry)
    InvitationFactory(organisation=entry.organisation)
    return entry


def left_alone(entry: Entry) -> bool:
    now = Entry.objects.get(pk=entry.pk)
    found = now.state, now.title, now.frames.count(), now.releases.count(), now.appeals.count()
    return found == (entry.state, "原题", 1, 1, 0)


def ask(client: Any, method: str, url: str) -> Any:
    data = {"title": "x", "author_names": "x", "do": "forward", "text": "x", "file": photo()}
    sent = {"data": data} if method == "post" else {}
    return getattr(client, method)(url, headers={"Tus-Resumable": "1.0.0"}, **sent)


@pytest.mark.parametrize("state", ["draft", "returned", "rejected"])
def test_what_is_somebody_elses_is_not_found(client, strangers, state):
    entry = a_work(state)
    for role, person in strangers.items():
        client.force_login(person)
        for name, address in THEIRS.items():
            url = reverse(name, args=address(entry))
            for method in METHODS:
                assert ask(client, method, url).status_code in (404, 405), (role, method, name)
    assert left_alone(entry)


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    entry = a_work("rejected")
    for name, address in THEIRS.items():
        for method in METHODS:
            answer = ask(client, method, reverse(name, args=address(entry)))
            is_closed = answer.status_code in (401, 403, 404, 405)
            assert is_closed or reverse("account_login") in answer.headers["Location"], name
    assert left_alone(entry)


def test_the_owner_finds_them(client):
    """The control: the addresses are right, and it is the person that makes the difference."""
    entry = a_work("returned")
    client.force_login(entry.created_by)
    found = {
        name: client.get(reverse(name, args=address(entry))).status_code
        for name, address in THEIRS.items()
    }
    missing = {name for name, code in found.items() if code == 404}
    # Three are others' doors; the fourth is right, but the factory's asset has no file; of the
    # last nothing is published.
    others = {"screening-entry", "judging-work", "package-file"}
    assert missing == others | {"media-original", "entry-feedback"}


# --- the admin ----------------------------------------------------------------------------


SAMPLES = {SlugConverter: "admit", UUIDConverter: uuid.UUID(int=1)}


def admin_addresses(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield each admin route of this project; where it asks for a key, the work's."""
    for name, pattern, path in routes():
        if is_in_admin(path):
            kinds = pattern.pattern.converters.items()
            keys = {key: SAMPLES.get(type(kind), entry.pk) for key, kind in kinds}
            yield name, reverse(name, kwargs=keys)


def test_the_admin_is_closed_to_strangers_and_a_foreign_work_is_not_in_a_managers(
    client, strangers
):
    entry = a_work("submitted")
    for role, person in strangers.items():
        client.force_login(person)
        for name, url in admin_addresses(entry):
            if role == "association's manager" and name in MANAGER_VIEWS:
                if name.endswith(":inspect"):
                    assert client.get(url).status_code == 404, name
                continue
            for method in ("get", "post"):
                assert getattr(client, method)(url).status_code in (302, 403, 404, 405), (role, url)
    assert left_alone(entry)
