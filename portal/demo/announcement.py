"""The end of the finished edition: notice, an objection that is upheld, publication, papers."""

from collections.abc import Sequence
from pathlib import Path

from competition.awards.models import AwardList
from competition.awards.notice import begin_notice
from competition.awards.objections import raise_objection, reject_objection, uphold_objection
from competition.awards.services import confirm_awards, decide_tie, propose_awards, publish_awards
from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from competition.organisations.models import Organisation
from competition.reports.services import honour_organisations
from portal.demo.cast import Cast
from portal.demo.editions import LAST_YEAR, set_windows, stand_in
from portal.demo.works import run_workers
from portal.results.certificates import issue_certificates
from portal.results.models import Package
from portal.results.packages import ask_for_package
from voting.publishing import publish_ledger
from voting.services import close_poll


def propose(edition: Edition, cast: Cast) -> AwardList:
    """Close the poll and publish its ledger; propose, decide what is tied, confirm."""
    close_poll(poll=edition.poll, actor=cast.organiser)
    publish_ledger(poll=edition.poll, actor=cast.organiser)
    awards = propose_awards(edition=edition, actor=cast.organiser)
    decide_ties(awards, cast, "同分，经评审组合议，以故事性得分较高者优先。")
    return confirm_awards(award_list=awards, actor=cast.organiser)


def decide_ties(awards: AwardList, cast: Cast, reason: str) -> None:
    """Let the panel decide every tie; works that have a place in public already keep it."""
    while awards.ties:
        tie = awards.ties[0]
        category = awards.edition.award_categories.get(pk=tie["category"])
        kept = awards.awards.filter(category=category, entry__in=tie["entries"])
        first = list(kept.values_list("entry", flat=True))
        order = first + [work for work in tie["entries"] if work not in first]
        decide_tie(
            award_list=awards,
            category=category,
            section=awards.edition.sections.get(pk=tie["section"]),
            entries=Entry.objects.filter(pk__in=order[: tie["places_left"]]),
            reason=reason,
            actor=cast.organiser,
        )


def put_on_notice(awards: AwardList, cast: Cast) -> None:
    """Show the proposed awards; of two objections one is upheld, and the next in rank moves up."""
    edition = awards.edition
    honour_organisations(
        edition=edition,
        organisations=Organisation.objects.filter(kind="association")[:1],
        reason="组织所属企业报送作品多、入选作品多。",
        actor=cast.organiser,
    )
    stand_in(edition, ["notice"])
    begin_notice(award_list=awards, actor=cast.organiser)
    object_and_decide(awards, cast)


def object_and_decide(awards: AwardList, cast: Cast) -> None:
    """Raise two objections to the first two; uphold one, reject the other, decide what it tied."""
    edition = awards.edition
    first, second = (award.entry for award in awards.awards.order_by("rank", "pk")[:2])
    upheld = raise_objection(
        edition=edition,
        entry=first,
        ground="authorship",
        text="这件作品三年前已在另一展览中以他人署名展出，图录第 36 页可查。",
        name="王知情",
        email="reader@example.org",
        evidence=[],
    )
    rejected = raise_objection(
        edition=edition,
        entry=second,
        ground="eligibility",
        text="拍摄时间似乎早于征集办法规定的期限。",
        name="李细读",
        email="viewer@example.org",
        evidence=[],
    )
    uphold_objection(
        objection=upheld, answer="经查，图录署名确系他人，取消获奖资格。", actor=cast.organiser
    )
    reject_objection(
        objection=rejected, answer="原始文件显示拍摄时间在规定期限之内。", actor=cast.organiser
    )
    awards.refresh_from_db()
    decide_ties(awards, cast, "递补名次相同，经评审组合议，以艺术性得分较高者优先。")


def publish(awards: AwardList, cast: Cast) -> None:
    """End the notice period, publish, issue the certificates."""
    edition = awards.edition
    set_windows(edition, LAST_YEAR)
    publish_awards(award_list=awards, actor=cast.organiser)
    issue_certificates(award_list=awards, actor=cast.organiser)
    _date_back(awards)


def _date_back(awards: AwardList) -> None:
    """Give the list the hours that its edition's phases have in the story."""
    notice = find_phase(awards.edition, Phase.Kind.NOTICE)
    public = find_phase(awards.edition, Phase.Kind.PUBLISHED)
    assert notice is not None
    assert public is not None
    hours = {"noticed_at": notice.opens_at, "published_at": public.opens_at}
    AwardList.objects.filter(pk=awards.pk).update(**hours)


def make_papers(
    awards: AwardList, cast: Cast, workers: Sequence[Sequence[str]], folder: Path
) -> None:
    """Have the worker make all certificates and the organiser's pack, beside the bundles."""
    for kind in (Package.Kind.CERTIFICATES, Package.Kind.PACK):
        ask_for_package(award_list=awards, kind=kind, actor=cast.organiser)
    unmade = Package.objects.exclude(state__in=[Package.State.READY, Package.State.FAILED])
    run_workers(workers[:1], folder / "demo-packages.log", "Papers", unmade)
