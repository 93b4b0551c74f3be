"""A whole edition whose jury and public have spoken: its works, people and pages.

Nobody has decided yet who is awarded: `give_awards`, then `issue_what_follows`, do.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count, cycle

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from competition.awards.models import AwardList
from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from competition.judging.scoring import StandingLine
from competition.judging.services import add_judge, freeze_standings
from competition.organisations.models import Organisation
from media_processing.models import Derivative
from media_processing.storage import derivatives
from portal.accounts.groups import ASSOCIATION_MANAGERS, add_to_group
from portal.accounts.models import User
from portal.pages.services import create_site
from portal.permissions import set_group_permissions
from portal.results.models import Certificate, Package
from portal.results.numbering import LETTERS, ORGANISING, certificate_number
from tests.factories import (
    AssetFactory,
    AssignmentFactory,
    AssociationFactory,
    AwardListFactory,
    BallotFactory,
    CategoryFactory,
    CompanyFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    HonourFactory,
    JudgeFactory,
    LedgerFactory,
    MembershipFactory,
    PackageFactory,
    PhaseFactory,
    PollFactory,
    QuotaFactory,
    RoundFactory,
    SectionFactory,
)

SECTIONS = {
    "single_photo": ("单幅照片", "Single photo"),
    "micro_video": ("微视频", "Micro-video"),
}
CATEGORIES = {
    "expert": ("专家推荐作品", "Expert-recommended works", "jury"),
    "popular": ("人气作品", "Popular works", "public"),
}
WORKS_A_SECTION = 3
TITLES = ["晨雾船坞", "老街灯火", "江上归帆", "雪夜值守", "麦田机声", "桥工剪影"]
NOTICE_DAYS, RESULTS_AFTER = 7, 8  # the results come when objections are settled
# In days before the notice begins.
PHASES = {
    "call": (-60, -40),
    "screening": (-40, -30),
    "judging": (-30, -10),
    "voting": (-20, -8),
}


@dataclass
class Exhibition:
    """Two associations with a company each; three works a section, of which two can win.

    At `hour` the notice begins, RESULTS_AFTER days later the results are to appear.
    """

    hour: datetime = field(default_factory=timezone.now)

    edition: Edition = field(
        default_factory=lambda: EditionFactory(
            slug="2026", title="2026 摄影展", title_en="Exhibition 2026", feedback="comments"
        )
    )
    associations: list[Organisation] = field(default_factory=list)
    works: dict[Section, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_group_permissions()
        self.people: dict[str, User] = {}
        self._set_phases()
        self.associations = AssociationFactory.create_batch(2)
        self.companies = [CompanyFactory(association=one) for one in self.associations]
        self.entrants = [MembershipFactory(organisation=one).user for one in self.companies]
        manager = MembershipFactory(organisation=self.associations[0]).user
        add_to_group(manager, ASSOCIATION_MANAGERS)
        self.people |= {"entrant": self.entrants[0], "manager": manager}
        self._submit_works()
        self._judge()
        self._set_categories()
        for person in self.people.values():  # else made when they first look at their account
            EmailAddress.objects.create(
                user=person, email=person.email, verified=True, primary=True
            )
        draw_pictures()
        create_site(edition=self.edition)

    # --- how it came to be ------------------------------------------------------------------

    def _set_phases(self) -> None:
        to_come = {"notice": (0, NOTICE_DAYS), "published": (RESULTS_AFTER, 2 * RESULTS_AFTER)}
        for kind, (opens, closes) in (PHASES | to_come).items():
            PhaseFactory(
                edition=self.edition,
                kind=kind,
                opens_at=self.hour + timedelta(days=opens),
                closes_at=self.hour + timedelta(days=closes),
            )

    def _submit_works(self) -> None:
        titles, numbers, places = iter(TITLES), count(1), cycle([0, 1])
        for position, (kind, (title, title_en)) in enumerate(SECTIONS.items()):
            section = SectionFactory(
                edition=self.edition, kind=kind, title=title, title_en=title_en, position=position
            )
            self.works[section] = [
                self._work(section, next(titles), next(numbers), next(places))
                for _ in range(WORKS_A_SECTION)
            ]

    def _work(self, section: Section, title: str, number: int, place: int) -> Entry:
        work = EntryFactory(
            section=section,
            state="admitted",
            title=title,
            number=f"P-{number:06d}",
            author_names=f"作者{number}",
            story=f"{title}的故事。",
            organisation=self.companies[place],
            created_by=self.entrants[place],
            frames=False,
        )
        kind = "video" if section.kind == "micro_video" else "photo"
        asset = AssetFactory(kind=kind, seconds=30 if kind == "video" else None)
        FrameFactory(entry=work, asset=asset)
        if kind == "video":
            asset.derivatives.update(role=Derivative.Role.POSTER)
        return work

    def _judge(self) -> None:
        now = timezone.now()
        criteria = CriterionFactory.create_batch(3, edition=self.edition)
        round_ = RoundFactory(edition=self.edition, closed_at=now - timedelta(days=9))
        round_.sections.set(self.works)
        judge = JudgeFactory(panel__edition=self.edition)
        add_judge(panel=judge.panel, user=judge.user)
        round_.panels.add(judge.panel)
        self.people["judge"] = judge.user
        self.poll = PollFactory(edition=self.edition, closed_at=now - timedelta(days=8))
        self.poll.sections.set(self.works)
        for works in self.works.values():
            for position, work in enumerate(works):
                reading = AssignmentFactory(round=round_, judge=judge, entry=work)
                card = Scorecard.objects.create(assignment=reading, note="光线很好。")
                for criterion in criteria:
                    card.scores.create(criterion=criterion, value=7)
                for vote in range(4 - position):
                    BallotFactory(poll=self.poll, entry=work, voter=f"{work.pk}-{vote}")
        self._publish_ledger()
        self.standings = {
            source: freeze_standings(
                edition=self.edition,
                source=source,
                round=round_ if source == "jury" else None,
                lines=[
                    StandingLine(work.pk, section.pk, Decimal(9 - position), 41 - position)
                    for section, works in self.works.items()
                    for position, work in enumerate(works)
                ],
                actor=None,
            )
            for source in ("jury", "public")
        }

    def _publish_ledger(self) -> None:
        """Its count tells who the public's awards go to; so it waits for their hour as well."""
        works = [work for works in self.works.values() for work in works]
        tally = [[work.number, work.ballots.count(), work.ballots.count()] for work in works]
        ledger = LedgerFactory(poll=self.poll, lines=len(works), tally=tally)
        ledger.file.save("poll.jsonl.gz", ContentFile(b"the ledger"))

    def _set_categories(self) -> None:
        for position, (code, (title, title_en, source)) in enumerate(CATEGORIES.items()):
            category = CategoryFactory(
                edition=self.edition,
                code=code,
                title=title,
                title_en=title_en,
                source=source,
                position=position,
            )
            for section in self.works:
                QuotaFactory(category=category, section=section)


def give_awards(world: Exhibition) -> AwardList:
    """Give the first work of each section one award, the second another; return the list."""
    award_list = AwardListFactory(
        edition=world.edition,
        state="confirmed",
        jury_standings=world.standings["jury"],
        public_standings=world.standings["public"],
    )
    for position, category in enumerate(world.edition.award_categories.all()):
        for works in world.works.values():
            award_list.awards.create(category=category, entry=works[position], rank=1)
    return award_list


def issue_what_follows(world: Exhibition, award_list: AwardList) -> None:
    """Issue certificates, honour an association and make the packages."""
    honour = HonourFactory(edition=world.edition, organisation=world.associations[0])
    Certificate.objects.create(number=number_of(ORGANISING, 1), honour=honour)
    for code, letter in LETTERS.items():
        awards = award_list.awards.filter(category__code=code).order_by("pk")
        for place, award in enumerate(awards, start=1):
            Certificate.objects.create(number=number_of(letter, place), award=award)
    for kind in Package.Kind.values:
        package = PackageFactory(award_list=award_list, kind=kind)
        package.file.save("made.zip", ContentFile(b"PK made"))
        package.state, package.byte_size, package.made_at = "ready", 7, timezone.now()
        package.sha256 = package.root = "5" * 64
        package.save()


def number_of(letter: str, place: int) -> str:
    """Return the number of a certificate: that of an association is O, 1."""
    return certificate_number("2026", letter, place, settings.SECRET_KEY.encode())


def put_on_notice(award_list: AwardList, hour: datetime) -> None:
    """Put the list on notice as from the hour."""
    award_list.state, award_list.noticed_at = "noticed", hour
    award_list.save()


def draw_pictures() -> None:
    """Give every derivative its file: a picture of its own, of the row's size."""
    for number, derivative in enumerate(Derivative.objects.order_by("pk")):
        content = BytesIO()
        colour = (40 + number % 160, 90, 200 - number % 160)
        Image.new("RGB", (derivative.width, derivative.height), colour).save(content, "WEBP")
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        name = f"{digest[:2]}/{digest}.webp"
        if not derivatives().exists(name):
            derivatives().save(name, ContentFile(content.getvalue()))
        derivative.file = name
        derivative.save(update_fields=["file"])
