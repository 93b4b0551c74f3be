"""The Django groups of the house, and who is in them."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from portal.accounts.models import User

ORGANISERS = "Organisers"
ASSOCIATION_MANAGERS = "Association managers"
JUDGES = "Judges"
ENTRANTS = "Entrants"


def add_to_group(user: User, name: str) -> None:
    """Put the person into the group, which is made when it is not there yet."""
    group, _created = Group.objects.get_or_create(name=name)
    user.groups.add(group)


def remove_from_group(user: User, name: str) -> None:
    """Take the person out of the group; nothing happens to who is not in it."""
    user.groups.remove(*user.groups.filter(name=name))


def group_names(user: User) -> set[str]:
    """Return the names of the groups the person is in; one query."""
    return set(user.groups.values_list("name", flat=True))


def is_organiser(user: Any) -> bool:
    """Tell whether the person runs the competition. Anonymous: no."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or ORGANISERS in group_names(user)


def organisers() -> QuerySet[User]:
    """Return the people who are asked to run the competition and can sign in."""
    return User.objects.filter(groups__name=ORGANISERS, is_active=True).order_by("pk")
