"""Makes the rows that tests begin with: `make EntryFactory()`, a whole small world behind it."""

import json
from datetime import datetime, timedelta
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string
from factory.django import DjangoModelFactory

from competition.awards.models import (
    Award,
    AwardCategory,
    AwardList,
    AwardQuota,
    AwardRule,
    Objection,
    Replacement,
)
from competition.editions.models import Criterion, Declaration, Edition, Phase, Section
from competition.entries.models import Appeal, Entry, Frame, Release
from competition.judging.flags import Flag
from competition.judging.models import Assignment, Judge, Panel, Round
from competition.organisations.models import Invitation, Membership, Organisation
from competition.reports.models import Honour
from media_processing.derive.recipes import RECIPE
from media_processing.models import Derivative, MediaAsset
from portal.accounts.models import User
from portal.notifications.models import Mailing
from portal.results.models import Certificate, Package
from voting.identity import COOKIE, COOKIE_SALT, Voter
from voting.models import Ballot, Cluster, Evidence, Finding, Ledger, Poll

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    last_name = "张"
    first_name = factory.Sequence(lambda n: f"三{n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=kwargs.pop("password", PASSWORD), **kwargs)


class AssociationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    kind = "association"
    name = factory.Sequence(lambda n: f"第{n}市行业协会")


class CompanyFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    kind = "company"
    name = factory.Sequence(lambda n: f"第{n}企业有限公司")
    association = factory.SubFactory(AssociationFactory)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(CompanyFactory)
    role = "manager"


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation

    organisation = factory.SubFactory(CompanyFactory)
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))


class EditionFactory(DjangoModelFactory):
    """An edition with no phase open: open one with `open_phase(edition, "call")`."""

    class Meta:
        model = Edition
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"edition-{n}")
    title = factory.Sequence(lambda n: f"第{n}届摄影大赛")
    title_en = factory.Sequence(lambda n: f"Edition {n}")
    theme = "光影之间"
    theme_en = "Between light and shadow"

    @factory.post_generation
    def declarations(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted is not False:
            DeclarationFactory(edition=self)


class DeclarationFactory(DjangoModelFactory):
    class Meta:
        model = Declaration

    edition = factory.SubFactory(EditionFactory, declarations=False)
    number = factory.LazyAttribute(lambda made: made.edition.declarations.count() + 1)
    text = "我声明作品为本人原创。"
    text_en = "I declare that the work is mine."


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = Section

    edition = factory.SubFactory(EditionFactory)
    kind = "single_photo"
    title = "单幅照片"
    title_en = "Single photo"


class PhaseFactory(DjangoModelFactory):
    class Meta:
        model = Phase

    edition = factory.SubFactory(EditionFactory)
    kind = "call"
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    closes_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))


def open_phase(edition: Edition, kind: str) -> Phase:
    """Make the edition's phase of this kind open from yesterday to tomorrow."""
    edition.phases.filter(kind=kind).delete()
    return PhaseFactory(edition=edition, kind=kind)


def close_phase(edition: Edition, kind: str) -> Phase:
    """Make the edition's phase of this kind one that ended yesterday."""
    edition.phases.filter(kind=kind).delete()
    now = timezone.now()
    return PhaseFactory(
        edition=edition,
        kind=kind,
        opens_at=now - timedelta(days=9),
        closes_at=now - timedelta(days=1),
    )


class CriterionFactory(DjangoModelFactory):
    class Meta:
        model = Criterion

    edition = factory.SubFactory(EditionFactory)
    code = factory.Iterator(["theme", "artistry", "story"])
    title = factory.Iterator(["主题性", "艺术性", "故事性"])
    weight = 1


class AssetFactory(DjangoModelFactory):
    """A photo that is ready, with rows for its pictures but no files."""

    class Meta:
        model = MediaAsset
        skip_postgeneration_save = True

    kind = "photo"
    original = factory.LazyAttribute(lambda asset: f"{asset.id.hex[:2]}/{asset.id.hex}")
    id = factory.Faker("uuid4", cast_to=None)
    original_name = "李四_13800000000.jpg"
    byte_size = 1000
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    rules = factory.LazyFunction(
        lambda: {
            "kind": "photo",
            "formats": ["jpeg"],
            "min_long_side": 0,
            "max_bytes": 1,
            "min_seconds": 0,
            "max_seconds": 0,
        }
    )
    state = "ready"
    recipe = RECIPE
    format = "jpeg"
    width = 3000
    height = 2000

    @factory.post_generation
    def derivatives(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and self.state == "ready" and extracted is not False:
            for side in (320, 640, 1280):
                DerivativeFactory(
                    asset=self,
                    name=f"picture-{side}-webp",
                    file=f"ab/{self.pk.hex}-{side}.webp",
                    width=side,
                    height=side * 2 // 3,
                )


class DerivativeFactory(DjangoModelFactory):
    class Meta:
        model = Derivative

    asset = factory.SubFactory(AssetFactory)
    role = "picture"
    mime_type = "image/webp"
    byte_size = 100


class EntryFactory(DjangoModelFactory):
    """A draft with one ready frame; EntryFactory(state="admitted") is numbered and declared."""

    class Meta:
        model = Entry
        skip_postgeneration_save = True

    class Params:
        declared = factory.LazyAttribute(lambda entry: entry.state != "draft")

    section = factory.SubFactory(SectionFactory)
    edition = factory.SelfAttribute("section.edition")
    organisation = factory.SubFactory(CompanyFactory)
    created_by = factory.SubFactory(UserFactory)
    state = "draft"
    title = factory.Sequence(lambda n: f"作品{n}")
    author_names = "李四"
    story = "一张照片的故事。"
    number = factory.Maybe(
        factory.LazyAttribute(lambda entry: entry.state == "draft"),
        None,
        factory.Sequence(lambda n: f"P-{n:06d}"),
    )
    ai_use = "none"
    portraits = "none"
    declaration = factory.LazyAttribute(
        lambda entry: entry.edition.declarations.last() if entry.declared else None
    )
    rights_accepted_at = factory.LazyAttribute(
        lambda entry: timezone.now() if entry.declared else None
    )
    submitted_at = factory.SelfAttribute("rights_accepted_at")

    @factory.post_generation
    def frames(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted is not False:
            FrameFactory(entry=self)


class FrameFactory(DjangoModelFactory):
    class Meta:
        model = Frame

    entry = factory.SubFactory(EntryFactory, frames=False)
    asset = factory.SubFactory(AssetFactory)
    position = 1


class ReleaseFactory(DjangoModelFactory):
    """A signed PDF in the private storage."""

    class Meta:
        model = Release

    entry = factory.SubFactory(EntryFactory)
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.7 signed", "release"))
    original_name = "张三同意书.pdf"
    format = "pdf"
    byte_size = 15
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    added_by = factory.SelfAttribute("entry.created_by")


class AppealFactory(DjangoModelFactory):
    """An appeal that waits for its answer."""

    class Meta:
        model = Appeal

    entry = factory.SubFactory(EntryFactory, state="rejected")
    against = factory.SelfAttribute("entry.state")
    text = "作品为本人原创，请复核。"
    made_by = factory.SelfAttribute("entry.created_by")


class PanelFactory(DjangoModelFactory):
    class Meta:
        model = Panel

    edition = factory.SubFactory(EditionFactory)
    kind = "expert"
    title = "专家评审组"


class JudgeFactory(DjangoModelFactory):
    class Meta:
        model = Judge

    panel = factory.SubFactory(PanelFactory)
    user = factory.SubFactory(UserFactory)


class RoundFactory(DjangoModelFactory):
    class Meta:
        model = Round

    edition = factory.SubFactory(EditionFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = "复评"
    readings = 1


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = Assignment

    judge = factory.SubFactory(JudgeFactory)
    entry = factory.SubFactory(EntryFactory, state="admitted")
    round = factory.SubFactory(RoundFactory, edition=factory.SelfAttribute("..entry.edition"))
    position = factory.Sequence(lambda n: n + 1)


class FlagFactory(DjangoModelFactory):
    class Meta:
        model = Flag

    entry = factory.SubFactory(EntryFactory, state="admitted")
    round = factory.SubFactory(RoundFactory, edition=factory.SelfAttribute("..entry.edition"))
    judge = factory.SubFactory(JudgeFactory)
    kind = "copyright"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = AwardCategory

    edition = factory.SubFactory(EditionFactory)
    code = "expert"
    title = "专家推荐作品"
    source = "jury"


class QuotaFactory(DjangoModelFactory):
    class Meta:
        model = AwardQuota

    category = factory.SubFactory(CategoryFactory)
    section = factory.SubFactory(SectionFactory)
    places = 1


class AwardRuleFactory(DjangoModelFactory):
    """No caps and one award a work, but for what is given."""

    class Meta:
        model = AwardRule

    edition = factory.SubFactory(EditionFactory)


class AwardListFactory(DjangoModelFactory):
    """A proposal without awards."""

    class Meta:
        model = AwardList

    edition = factory.SubFactory(EditionFactory)
    version = factory.LazyAttribute(lambda made: made.edition.award_lists.count() + 1)


def noticed(award_list: AwardList) -> AwardList:
    """Put the list on notice as from an hour ago; the phase is the caller's to make."""
    award_list.state, award_list.noticed_at = "noticed", timezone.now() - timedelta(hours=1)
    award_list.save()
    return award_list


def published(award_list: AwardList, at: datetime | None = None) -> AwardList:
    """Publish the list as from `at`, by default an hour ago."""
    award_list.state = "published"
    award_list.published_at = at or timezone.now() - timedelta(hours=1)
    award_list.save()
    return award_list


class AwardFactory(DjangoModelFactory):
    """A first award of an expert-recommended work."""

    class Meta:
        model = Award

    entry = factory.SubFactory(EntryFactory, state="admitted")
    award_list = factory.SubFactory(
        AwardListFactory, edition=factory.SelfAttribute("..entry.edition")
    )
    category = factory.SubFactory(CategoryFactory, edition=factory.SelfAttribute("..entry.edition"))
    rank = 1


class ObjectionFactory(DjangoModelFactory):
    class Meta:
        model = Objection

    edition = factory.SubFactory(EditionFactory)
    number = factory.LazyAttribute(lambda made: made.edition.objections.count() + 1)
    ground = "authorship"
    text = "这幅作品三年前已由他人发表。"
    name = "王知情"
    email = "reader@example.org"


class ReplacementFactory(DjangoModelFactory):
    class Meta:
        model = Replacement

    entry = factory.SubFactory(EntryFactory, state="admitted")
    award_list = factory.SubFactory(
        AwardListFactory, edition=factory.SelfAttribute("..entry.edition")
    )
    number = factory.LazyAttribute(lambda made: made.award_list.replacements.count() + 1)
    reason = "经查，作品并非作者本人拍摄。"


class HonourFactory(DjangoModelFactory):
    class Meta:
        model = Honour

    edition = factory.SubFactory(EditionFactory)
    organisation = factory.SubFactory(AssociationFactory)
    reason = "组织报送的作品数量多、质量高。"


class PackageFactory(DjangoModelFactory):
    """A package that waits; of the bundles, the one that the list's own news has asked for."""

    class Meta:
        model = Package
        django_get_or_create = ("award_list", "kind")

    award_list = factory.SubFactory(AwardListFactory)
    kind = "pack"


class CertificateFactory(DjangoModelFactory):
    """A certificate of an award."""

    class Meta:
        model = Certificate

    number = factory.Sequence(lambda n: f"TEST-{n:04}")
    award = factory.SubFactory(AwardFactory)


class PollFactory(DjangoModelFactory):
    class Meta:
        model = Poll

    edition = factory.SubFactory(EditionFactory)


class BallotFactory(DjangoModelFactory):
    class Meta:
        model = Ballot

    entry = factory.SubFactory(EntryFactory, state="admitted")
    poll = factory.SubFactory(PollFactory, edition=factory.SelfAttribute("..entry.edition"))
    voter = factory.Sequence(lambda n: f"voter{n}")
    day = factory.LazyFunction(timezone.localdate)
    slot = 1


class VoterFactory(factory.Factory):
    """Somebody who has proved what a poll of devices asks for."""

    class Meta:
        model = Voter

    key = factory.Sequence(lambda n: f"voter{n}")
    kind = "device"
    since = factory.LazyFunction(timezone.now)


def proved_badge(**more: Any) -> str:
    """Return the cookie of a device that has proved today that a person uses it."""
    badge = {"token": get_random_string(32), "since": int(timezone.now().timestamp())}
    proofs = {"device": timezone.localdate().isoformat()}
    response = HttpResponse()
    text = json.dumps(badge | {"proofs": proofs} | more)
    response.set_signed_cookie(COOKIE, text, salt=COOKIE_SALT)
    return response.cookies[COOKIE].value


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = Evidence

    ballot = factory.SubFactory(BallotFactory)
    address = "a" * 32
    network = "b" * 32
    device = "c" * 32
    referrer = "here"
    saw_gallery = True
    voter_since = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


class ClusterFactory(DjangoModelFactory):
    """A cluster of the poll with `ballots`, as `set_aside` leaves it: they are quarantined."""

    class Meta:
        model = Cluster
        skip_postgeneration_save = True

    poll = factory.SubFactory(PollFactory)
    code = "address_cluster"
    key = factory.Sequence(lambda n: f"key{n}")

    @factory.post_generation
    def ballots(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        for ballot in extracted or []:
            Finding.objects.create(cluster=self, ballot=ballot)
            Ballot.objects.filter(pk=ballot.pk, status=0).update(status=1, code=self.code)


class LedgerFactory(DjangoModelFactory):
    class Meta:
        model = Ledger

    poll = factory.SubFactory(PollFactory)
    version = factory.LazyAttribute(lambda made: made.poll.ledgers.count() + 1)
    lines = 1
    root = digest = "0" * 64
    file = "ledgers/poll.jsonl.gz"


class MailingFactory(DjangoModelFactory):
    class Meta:
        model = Mailing

    edition = factory.SubFactory(EditionFactory)
    subject = "征集延期"
    subject_en = "More time for entries"
    body = "征集延期三天。"
    body_en = "The call is open three days longer."
