"""The people and organisations of the demo."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from competition.organisations.models import Organisation
from competition.organisations.services import create_organisation, verify_organisation
from portal.accounts.groups import (
    ASSOCIATION_MANAGERS,
    ENTRANTS,
    JUDGES,
    ORGANISERS,
    add_to_group,
)
from portal.accounts.models import User

PASSWORD = "photo-demo-2026"  # noqa: S105 - printed for everybody to see

ASSOCIATIONS = [
    ("青江市企业文化协会", "东海省", "林", "静"),
    ("云麓市企业文化协会", "西岭省", "周", "立国"),
]
# Name, province, the association it belongs to (its place above; None: to none), the entrant.
COMPANIES = [
    ("青江能源集团有限公司", "东海省", 0, "王", "海"),
    ("青江轨道交通有限公司", "东海省", 0, "李", "晓雨"),
    ("青江水务股份有限公司", "东海省", 0, "赵", "一鸣"),
    ("云麓电力工程有限公司", "西岭省", 1, "孙", "佳宁"),
    ("云麓矿业有限公司", "西岭省", 1, "马", "春生"),
    ("云麓新材料科技有限公司", "西岭省", 1, "何", "欣"),
    ("远帆船舶工程有限公司", "南洋省", None, "郑", "航"),
]
JUDGE_NAMES = [("吴", "国平"), ("徐", "曼"), ("高", "远"), ("宋", "佩文"), ("唐", "毅")]


@dataclass(frozen=True)
class Company:
    """A company and the person who enters its works."""

    organisation: Organisation
    entrant: User


@dataclass(frozen=True)
class Cast:
    """Everybody. The first three judges are experts, the others from the industry."""

    organiser: User
    managers: dict[int, User]  # association's pk -> the person who screens for it
    companies: list[Company]
    judges: list[User]

    def screener_of(self, organisation: Organisation) -> User | None:
        """Return who screens the organisation's works; None: nobody, it belongs to no one."""
        return self.managers.get(organisation.association_id or 0)


def invite() -> Cast:
    """Make everybody's account and organisation."""
    organiser = _person("organiser", "陈", "思远", ORGANISERS)
    managers, associations = {}, []
    for n, (name, province, *person) in enumerate(ASSOCIATIONS, 1):
        manager = _person(_numbered("association", n), *person, ASSOCIATION_MANAGERS)
        association = create_organisation(
            user=manager, name=name, kind="association", province=province
        )
        verify_organisation(organisation=association, user=organiser)
        managers[association.pk] = manager
        associations.append(association)
    companies = []
    for n, (name, province, home, *person) in enumerate(COMPANIES, 1):
        entrant = _person(_numbered("company", n), *person, ENTRANTS)
        company = create_organisation(
            user=entrant,
            name=name,
            association=None if home is None else associations[home],
            province=province,
            contact_phone=f"010-5550-{n:04d}",
        )
        verifier = managers.get(company.association_id or 0, organiser)
        verify_organisation(organisation=company, user=verifier)
        companies.append(Company(company, entrant))
    judges = [
        _person(_numbered("judge", n), *name, JUDGES) for n, name in enumerate(JUDGE_NAMES, 1)
    ]
    return Cast(organiser, managers, companies, judges)


def _numbered(role: str, n: int) -> str:
    return role if n == 1 else f"{role}{n}"


def _person(role: str, last_name: str, first_name: str, group: str) -> User:
    return add_person(f"{role}@example.org", last_name, first_name, group, make_password(PASSWORD))


def add_person(email: str, last_name: str, first_name: str, group: str, password: str) -> User:
    """Make somebody whose e-mail address is confirmed already; the password is hashed already."""
    user = User.objects.create(
        email=email, password=password, last_name=last_name, first_name=first_name
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    add_to_group(user, group)
    return user
