"""The people and organisations of a rehearsal. What is there already stays."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from tqdm import tqdm

from competition.organisations.models import Organisation
from competition.organisations.services import create_organisation, verify_organisation
from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, JUDGES, ORGANISERS
from portal.accounts.models import User
from portal.demo.cast import PASSWORD, Cast, Company, add_person
from portal.rehearsal.size import Size

INDEPENDENT = 10  # every tenth company belongs to no association
PROVINCES = ["东海省", "西岭省", "南洋省", "北原省"]


def invite(size: Size) -> int:
    """Make everybody's account and organisation; return how many organisations there are."""
    password = make_password(PASSWORD)  # one for all: hashing takes longer than all the rest
    organiser = _person("organiser", ORGANISERS, password)
    known = {name: pk for pk, name in Organisation.objects.values_list("pk", "name")}
    for n in tqdm(range(size.associations), desc="Associations", mininterval=5):
        if _association(n) not in known:
            known[_association(n)] = _add_association(n, organiser, password).pk
    for n in tqdm(range(size.organisations), desc="Organisations", mininterval=5):
        if _company(n) not in known:
            home = None if n % INDEPENDENT == INDEPENDENT - 1 else n % max(1, size.associations)
            pk = known.get(_association(home)) if home is not None else None
            _add_company(n, pk, organiser, password)
    for n in range(size.judges):
        _person(f"judge{n}", JUDGES, password)
    return size.associations + size.organisations


def everybody(size: Size) -> Cast:
    """Return the people as the demo's verbs take them."""
    associations = dict(Organisation.objects.filter(kind="association").values_list("name", "pk"))
    people = {user.email: user for user in User.objects.all()}
    companies = {one.name: one for one in Organisation.objects.filter(kind="company")}
    return Cast(
        organiser=people["organiser@example.org"],
        managers={
            associations[_association(n)]: people[f"association{n}@example.org"]
            for n in range(size.associations)
        },
        companies=[
            Company(companies[_company(n)], people[f"company{n}@example.org"])
            for n in range(size.organisations)
        ],
        judges=[people[f"judge{n}@example.org"] for n in range(size.judges)],
    )


def _association(n: int) -> str:
    return f"彩排第 {n + 1} 企业文化协会"


def _company(n: int) -> str:
    return f"彩排第 {n + 1} 有限公司"


@transaction.atomic
def _add_association(n: int, organiser: User, password: str) -> Organisation:
    manager = _person(f"association{n}", ASSOCIATION_MANAGERS, password)
    association = create_organisation(
        user=manager,
        name=_association(n),
        kind="association",
        province=PROVINCES[n % len(PROVINCES)],
    )
    return verify_organisation(organisation=association, user=organiser)


@transaction.atomic
def _add_company(n: int, association: int | None, organiser: User, password: str) -> None:
    entrant = _person(f"company{n}", ENTRANTS, password)
    company = create_organisation(
        user=entrant,
        name=_company(n),
        association=Organisation.objects.get(pk=association) if association else None,
        province=PROVINCES[n % len(PROVINCES)],
        contact_phone=f"010-5550-{n:04d}",
    )
    verify_organisation(organisation=company, user=organiser)


def _person(role: str, group: str, password: str) -> User:
    email = f"{role}@example.org"
    known = User.objects.filter(email=email).first()
    return known or add_person(email, "彩", role, group, password)
