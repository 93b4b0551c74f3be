"""Lists of 5,000 works cost as many queries as lists of one."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competition.entries.models import Entry, Frame
from media_processing.models import Derivative, MediaAsset
from portal.accounts.groups import ASSOCIATION_MANAGERS, add_to_group
from portal.pages.services import create_site
from portal.permissions import set_group_permissions
from tests.competition.entries.worlds import World
from tests.factories import AssetFactory, close_phase, open_phase

pytestmark = pytest.mark.django_db
MANY = 5000


def add_works(world: World, first: int, last: int) -> None:
    """Add admitted works with a ready picture each, by four inserts."""
    usual = AssetFactory.build()
    assets = [
        MediaAsset(id=uuid.uuid4(), kind="photo", state="ready", byte_size=1, rules=usual.rules)
        for _ in range(first, last)
    ]
    pictures = [
        Derivative(
            asset=asset,
            role="picture",
            name="picture-640-webp",
            file=f"ab/{asset.pk.hex}.webp",
            mime_type="image/webp",
            width=640,
            height=427,
            byte_size=1,
        )
        for asset in assets
    ]
    now, declaration = timezone.now(), world.edition.declarations.get()
    entries = [
        Entry(
            edition=world.edition,
            section=world.section,
            organisation=world.company,
            created_by=world.entrant,
            state="admitted",
            number=f"P-{n:06d}",
            title=f"作品{n}",
            author_names="张三",
            declaration=declaration,
            rights_accepted_at=now,
            submitted_at=now,
        )
        for n in range(first, last)
    ]
    MediaAsset.objects.bulk_create(assets)
    Derivative.objects.bulk_create(pictures)
    Entry.objects.bulk_create(entries)
    Frame.objects.bulk_create(
        Frame(entry=entry, asset=asset) for entry, asset in zip(entries, assets, strict=True)
    )
    with connection.cursor() as cursor:
        # As a running PostgreSQL does by itself once rows are committed. Believing the tables to be
        # empty, as earlier tests left them, it would go through them without an index for hours.
        cursor.execute("ANALYZE")


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_every_list_costs_the_same_at_1_3_and_5000_works(page_root):
    world = World()
    close_phase(world.edition, "judging")
    open_phase(world.edition, "voting")
    create_site(edition=world.edition, archive=[])
    set_group_permissions()
    add_to_group(world.manager, ASSOCIATION_MANAGERS)
    works = reverse("works:index")
    desk = reverse("works-desk", args=[world.company.pk, world.edition.slug])
    lists = [
        (signed_in(world.entrant), reverse("my")),
        (signed_in(world.manager), reverse("screening")),
        (signed_in(world.manager), reverse("participation")),
        (signed_in(world.organiser), reverse("competition_participation")),
        (signed_in(world.entrant), desk),
        (signed_in(world.manager), works),
        (signed_in(world.organiser), works),
        (signed_in(world.organiser), f"{works}?q=张三&ai_use=none&with_releases=false"),
        (Client(), "/gallery/"),
        (Client(), "/gallery/?q=作品"),
    ]
    counts = []
    for first, last in [(1, 2), (2, 4), (4, MANY + 1)]:
        add_works(world, first, last)
        for client, url in lists:
            client.get(url)  # sessions, content types and the cache of pages are warm
        counts.append([count_queries(client, url) for client, url in lists])
    assert Entry.objects.count() == MANY
    assert counts[0] == counts[1] == counts[2]
    assert max(counts[0]) <= 40
