"""A bundle says what the rows say, or there is none."""

import json

import pytest
from django.utils.translation import override

from competition.awards.models import AwardList
from competition.entries.models import Entry
from competition.entries.services import set_entry_state
from competition.judging.models import Score
from portal.results.bundle.verify import verify
from portal.results.bundling import BundleRefused, bundle_name, make_bundle
from portal.results.models import Package
from tests.portal.results.bundle.forgery import read_parts
from tests.portal.results.bundle.worlds import World, a_final_world, a_world
from voting.publishing import publish_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


def table(path, name):
    return [json.loads(line) for line in read_parts(path)[f"{name}.jsonl"].splitlines()]


def bytes_of(ledger):
    with ledger.file.open("rb") as file:
        return file.read()


def disqualify(entry):
    set_entry_state(entry=entry, target="disqualified", role="organiser", actor=None, reason="侵权")


def test_it_has_the_awards_and_the_root_of_its_package(world, tmp_path):
    package, path = world.bundle(tmp_path)
    assert path.name == "2026-bundle-v1.zip" == bundle_name(package)
    check = verify(path, root=Package.objects.get(pk=package.pk).root)
    assert check.problems == []
    assert check.remarks == []
    awards = world.list.awards.values_list("category__code", "entry__section", "entry__number")
    stated = [(one["category"], one["section"], one["work"]) for one in table(path, "awards")]
    assert sorted(stated) == sorted(awards)
    assert len(table(path, "replacements")) == 2
    assert len(table(path, "scores")) == 80
    assert read_parts(path)["ledger.jsonl.gz"] == bytes_of(world.ledger)


@pytest.mark.parametrize("ranks_by", ["raw", "trimmed", "adjusted"])
def test_whatever_the_round_ranks_by_it_can_be_recomputed(ranks_by, tmp_path):
    _package, path = a_final_world(ranks_by=ranks_by, works=(8, 5)).bundle(tmp_path)
    assert verify(path).problems == []


def test_the_bundle_of_the_notice_says_what_was_put_on_notice(world, tmp_path):
    """It may be asked for late; what was taken away later is not in it."""
    _package, path = world.bundle(tmp_path, "notice-bundle")
    assert verify(path).manifest["stage"] == "notice"
    assert table(path, "replacements") == []
    lost = [row for one in world.list.replacements.all() for row in one.lost]
    awards = table(path, "awards")
    numbers = {work.pk: work.number for work in world.works}
    assert {numbers[row["entry"]] for row in lost} <= {one["work"] for one in awards}
    assert len(awards) == 13


def test_the_final_bundle_waits_for_the_results(tmp_path):
    world = a_world()
    with pytest.raises(BundleRefused, match="publish the awards first"):
        world.bundle(tmp_path)
    _package, path = world.bundle(tmp_path, "notice-bundle")
    assert verify(path).problems == []


def test_there_is_none_of_a_proposal(tmp_path):
    world = a_world()
    AwardList.objects.update(state="confirmed", noticed_at=None)
    with pytest.raises(BundleRefused):
        world.bundle(tmp_path, "notice-bundle")


def test_a_work_that_left_on_notice_is_out_from_then_on(tmp_path):
    world = a_world()
    award = world.list.awards.filter(category__code="expert").first()
    disqualify(award.entry)
    world.take_away(award)
    unawarded = Entry.objects.filter(state="admitted").exclude(awards__award_list=world.list)
    other = unawarded.last()
    disqualify(other)
    world.publish()
    _package, path = world.bundle(tmp_path)
    outs = {line["work"]: line["out"] for line in table(path, "works")}
    assert {work: out for work, out in outs.items() if out is not None} == {
        award.entry.number: 1,
        other.number: 0,
    }


def test_a_work_that_leaves_after_all_is_over_changes_nothing(world, tmp_path):
    award = world.list.awards.first()
    Entry.objects.filter(pk=award.entry_id).update(state="disqualified")
    _package, path = world.bundle(tmp_path)
    assert award.entry.number in {one["work"] for one in table(path, "awards")}


def test_two_works_removed_while_a_tie_is_open_can_be_recomputed(tmp_path):
    """People decide who moves up only after the second is gone."""
    world = World(works=(5, 1))
    world.vote([3, 2, 2, 2, 2, 1])
    world.category("popular", "public", [2, 1])
    world.propose()
    world.notice()
    for award in world.list.awards.filter(entry__section=world.sections[0]).order_by("rank"):
        world.take_away(award, decides=False)
        assert world.list.ties
    world.decide_all()
    world.publish()
    assert [row["after"] for row in world.list.decisions] == [0, 2]
    _package, path = world.bundle(tmp_path)
    assert [len(one["gained"]) for one in table(path, "replacements")] == [0, 2]
    assert verify(path).problems == []


@pytest.mark.django_db(transaction=True)
def test_all_rows_are_read_in_one_transaction_of_its_own(tmp_path):
    """On PostgreSQL it sees one moment, and could not write."""
    _package, path = a_final_world(works=(6, 4)).bundle(tmp_path)
    assert verify(path).problems == []


def test_owners_are_pseudonyms_that_differ_from_bundle_to_bundle(world, tmp_path):
    (tmp_path / "a").mkdir()
    package, first = world.bundle(tmp_path / "a")
    package.delete()
    (tmp_path / "b").mkdir()
    _package, second = world.bundle(tmp_path / "b")
    companies = [{line["organisation"] for line in table(one, "works")} for one in (first, second)]
    assert [len(one) for one in companies] == [5, 5]
    assert not companies[0] & companies[1]
    assert {line["association"] for line in table(first, "works")} == {None}


def test_without_caps_nobody_is_in_it(tmp_path):
    world = World()
    world.judge()
    world.vote()
    world.set_rule(caps=False)
    world.propose()
    world.notice()
    _package, path = world.bundle(tmp_path, "notice-bundle")
    owners = {(one["organisation"], one["author"]) for one in table(path, "works")}
    assert owners == {(None, None)}


def test_a_score_changed_behind_the_portals_back_is_refused_and_leaves_no_file(world, tmp_path):
    score = Score.objects.first()
    Score.objects.filter(pk=score.pk).update(value=score.value - 1)
    with pytest.raises(BundleRefused) as refused:
        world.bundle(tmp_path)
    assert any("recomputed" in one for one in refused.value.messages)
    assert not list(tmp_path.glob("*.zip"))
    assert set(Package.objects.values_list("root", flat=True)) == {""}


def test_an_award_changed_behind_the_portals_back_is_refused(world, tmp_path):
    world.list.awards.filter(category__code="expert").last().delete()
    with pytest.raises(BundleRefused) as refused:
        world.bundle(tmp_path)
    assert any("By the rule there is also" in one for one in refused.value.messages)


def test_awards_that_rest_on_no_published_ledger_are_refused(world, tmp_path):
    world.ledger.tally = [[work, raw, accepted + 1] for work, raw, accepted in world.ledger.tally]
    world.ledger.save()
    with pytest.raises(BundleRefused, match="no published ledger"):
        world.bundle(tmp_path)
    # A newer version that has the count again will do.
    world.ledger.digest = "0" * 64
    world.ledger.save()
    again = publish_ledger(poll=world.poll, actor=world.actor)
    Package.objects.all().delete()
    _package, path = world.bundle(tmp_path)
    assert read_parts(path)["ledger.jsonl.gz"] == bytes_of(again)


def test_a_maker_that_was_killed_goes_on_with_what_is_there(world, tmp_path):
    package, path = world.bundle(tmp_path)
    made = path.read_bytes()
    Package.objects.update(root="")
    steps = []
    again = make_bundle(package, tmp_path, lambda done, total: steps.append((done, total)))
    assert again.read_bytes() == made
    assert Package.objects.get(pk=package.pk).root == verify(path).root
    assert steps == [(0, 3), (2, 3), (3, 3)]


def test_a_maker_whose_work_is_taken_away_leaves_no_finished_file(world, tmp_path):
    class TakenAway(Exception):
        pass

    def step(done, total):
        if done == 1:
            raise TakenAway

    package = Package.objects.get(award_list=world.list, kind="bundle")
    with pytest.raises(TakenAway):
        make_bundle(package, tmp_path, step)
    assert not (tmp_path / bundle_name(package)).exists()
    assert verify(make_bundle(package, tmp_path, lambda done, total: None)).problems == []
