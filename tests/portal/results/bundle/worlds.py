"""A small edition played to its end: two panels, a vote, three categories, caps, ties."""

import random
from contextlib import suppress
from itertools import combinations

from django.utils import timezone

from competition.awards.keeping import AwardsRefused
from competition.awards.notice import begin_notice, take_award_away
from competition.awards.services import (
    confirm_awards,
    decide_tie,
    propose_awards,
    publish_awards,
)
from competition.editions.models import Section
from competition.entries.models import Entry
from competition.judging.models import Assignment, Score, Scorecard
from competition.judging.services import close_round
from portal.results.bundling import make_bundle
from portal.results.models import Package
from tests.factories import (
    AwardRuleFactory,
    BallotFactory,
    CategoryFactory,
    CompanyFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    JudgeFactory,
    PanelFactory,
    PollFactory,
    QuotaFactory,
    RoundFactory,
    SectionFactory,
    UserFactory,
    open_phase,
)
from voting.publishing import publish_ledger
from voting.services import close_poll

WEIGHTS = {"theme": 40, "artistry": 40, "story": 20}


class World:
    """The edition; each verb takes it one step on."""

    def __init__(self, *, ranks_by="adjusted", works=(14, 6), seed=7):
        self.chance = random.Random(seed)
        self.actor = UserFactory(is_superuser=True)
        self.edition = EditionFactory(slug="2026", title="第三届摄影大赛")
        self.criteria = [
            CriterionFactory(edition=self.edition, code=code, title=code, weight=weight)
            for code, weight in WEIGHTS.items()
        ]
        companies = CompanyFactory.create_batch(5)
        self.sections = [
            SectionFactory(edition=self.edition, title=f"单元{n}", position=n) for n in (1, 2)
        ]
        self.works = [
            EntryFactory(section=section, state="admitted", organisation=companies[n % 5])
            for section, count in zip(self.sections, works, strict=True)
            for n in range(count)
        ]
        self.round = RoundFactory(edition=self.edition, number=1, ranks_by=ranks_by)
        self.round.sections.set(self.sections)

    def judge(self):
        """Every work is read by two of three experts and by two of the industry."""
        for kind, count in (("expert", 3), ("industry", 2)):
            panel = PanelFactory(edition=self.edition, kind=kind)
            self.round.panels.add(panel)
            judges = JudgeFactory.create_batch(count, panel=panel)
            for judge in judges:
                judge.strictness = self.chance.randrange(3)
            for at, work in enumerate(self.works):
                for judge in (judges[at % count], judges[(at + 1) % count]):
                    self.score(judge, work, at)
        close_round(round=self.round, actor=self.actor)

    def score(self, judge, work, position):
        assignment = Assignment.objects.create(
            round=self.round, judge=judge, entry=work, position=position + 1
        )
        card = Scorecard.objects.create(assignment=assignment, note="秘密的评语")
        for criterion in self.criteria:
            value = self.chance.randrange(4, 11) - judge.strictness
            Score.objects.create(scorecard=card, criterion=criterion, value=value)

    def vote(self, votes=None):
        """Few votes a work, so that works tie; one is void."""
        votes = votes or [self.chance.randrange(4) for _work in self.works]
        open_phase(self.edition, "voting")
        self.poll = PollFactory(edition=self.edition, votes_per_day=3)
        self.poll.sections.set(self.sections)
        for work, number in zip(self.works, votes, strict=True):
            BallotFactory.create_batch(number, poll=self.poll, entry=work)
        void = {"status": 2, "code": "burst", "void_reason": "刷票"}
        BallotFactory(poll=self.poll, entry=self.works[0], **void)
        close_poll(poll=self.poll, actor=self.actor)
        self.ledger = publish_ledger(poll=self.poll, actor=self.actor)

    def set_rule(self, *, caps=True):
        self.category("expert", "jury", [3, 1])
        self.category("popular", "public", [3, 1], jury_floor=80)
        self.category("shortlisted", "weighted", [3, 2])
        if caps:
            AwardRuleFactory(edition=self.edition, per_organisation=4, per_author=4)

    def category(self, code, source, places, **fields):
        position = self.edition.award_categories.count()
        fields |= {"edition": self.edition, "position": position, "title": code}
        category = CategoryFactory(code=code, source=source, **fields)
        for section, number in zip(self.sections, places, strict=True):
            QuotaFactory(category=category, section=section, places=number)

    def propose(self):
        self.list = propose_awards(edition=self.edition, actor=self.actor)
        self.decide_all()
        confirm_awards(award_list=self.list, actor=self.actor)

    def decide_all(self):
        while self.list.ties:
            tie = self.list.ties[0]
            with suppress(StopIteration):
                next(filter(self._decide(tie), _choices(tie)))

    def _decide(self, tie):
        def decide(choice):
            try:
                decide_tie(
                    award_list=self.list,
                    category=self.edition.award_categories.get(pk=tie["category"]),
                    section=Section.objects.get(pk=tie["section"]),
                    entries=Entry.objects.filter(pk__in=choice),
                    reason="评委复议",
                    actor=self.actor,
                )
            except AwardsRefused:
                return False
            return True

        return decide

    def notice(self):
        open_phase(self.edition, "notice")
        begin_notice(award_list=self.list, actor=self.actor)

    def take_away(self, award, *, decides=True):
        """Where works tie for the place, people decide at once, or leave it for later."""
        take_award_away(
            award_list=self.list, entry=award.entry, reason="并非本人拍摄", actor=self.actor
        )
        self.list.refresh_from_db()
        if decides:
            self.decide_all()

    def publish(self):
        self.edition.phases.filter(kind="notice").update(closes_at=timezone.now())
        self.list.refresh_from_db()
        publish_awards(award_list=self.list, actor=self.actor)

    def bundle(self, folder, kind="bundle"):
        """Return the package, asked for when its hour was set or else now, and its file."""
        package, _new = Package.objects.get_or_create(award_list=self.list, kind=kind)
        return package, make_bundle(package, folder, lambda done, total: None)


def a_world(**options):
    """Return an edition whose awards are on notice."""
    world = World(**options)
    world.judge()
    world.vote()
    world.set_rule()
    world.propose()
    world.notice()
    return world


def a_final_world(**options):
    """Return an edition with its results final, after two works have lost their awards."""
    world = a_world(**options)
    world.take_away(world.list.awards.filter(category__code="expert").first())
    world.take_away(world.list.awards.filter(category__code="popular").first())
    world.publish()
    return world


def _choices(tie):
    for size in range(min(tie["places_left"], len(tie["entries"])), 0, -1):
        yield from combinations(tie["entries"], size)
