"""Who is written to about objections and replacements: organisers, and whom it touches."""

from datetime import timedelta

import pytest
from django.utils import timezone

from competition.awards.notice import take_award_away
from competition.awards.objections import raise_objection
from portal.accounts.groups import ORGANISERS, add_to_group
from portal.notifications.models import Notice
from portal.notifications.pipeline import deliver
from tests.competition.awards.conftest import world
from tests.competition.awards.test_notice import FAULT, on_notice
from tests.factories import UserFactory, open_phase

__all__ = ["world"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def noticed(world):
    """a is expert-recommended and b is shortlisted; c is next."""
    world.category("expert", "jury", 1, position=1, title="专家推荐作品")
    world.category("shortlisted", "jury", 1, position=2, title="入围作品")
    world.freeze("jury", a=9, b=8, c=7)
    open_phase(world.edition, "notice")
    world.award_list = on_notice(world)
    return world


def take(world, name):
    return take_award_away(
        award_list=world.award_list, entry=world.work(name), reason=FAULT, actor=None
    )


def mailed(kind):
    """Return the works' titles of the notices of this kind."""
    return sorted(notice.context["title"] for notice in Notice.objects.filter(kind=kind))


def test_each_organiser_is_told_that_somebody_objects_and_not_who(noticed, mailoutbox):
    person = UserFactory()
    add_to_group(person, ORGANISERS)
    raise_objection(
        edition=noticed.edition,
        entry=noticed.work("a"),
        ground="authorship",
        text="三年前已由他人发表。",
        name="王知情",
        email="reader@example.org",
    )
    notice = Notice.objects.get(kind="objection_raised")
    assert notice.recipient == person
    deliver(notice.pk)
    (mail,) = mailoutbox
    assert noticed.work("a").number in mail.body
    assert "/admin/" in mail.body
    for hidden in ("王知情", "reader@example.org", "三年前"):
        assert hidden not in mail.body


def test_who_lost_and_who_moved_up_are_told_and_who_moved_to_a_better_place_has_not_lost(
    noticed, mailoutbox
):
    take(noticed, "a")  # b becomes expert-recommended, c shortlisted
    assert mailed("award_lost") == ["a"]
    assert mailed("award_gained") == ["b", "c"]
    lost = Notice.objects.get(kind="award_lost")
    assert lost.recipient == noticed.work("a").created_by
    deliver(lost.pk)
    assert FAULT in mailoutbox[0].body
    gained = Notice.objects.get(kind="award_gained", context__title="b")
    assert gained.context["category"] == "专家推荐作品"
    deliver(gained.pk)
    assert "专家推荐作品" in mailoutbox[1].body
    assert FAULT not in mailoutbox[1].body


def test_before_the_hour_of_the_notice_nobody_is_told(noticed):
    noticed.award_list.noticed_at = timezone.now() + timedelta(hours=1)
    noticed.award_list.save()
    take(noticed, "a")
    assert not Notice.objects.filter(kind__startswith="award_").exists()
