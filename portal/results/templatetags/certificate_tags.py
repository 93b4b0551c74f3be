"""The certificates that pages of other rooms lead to."""

from django import template

from competition.awards.models import AwardList
from competition.entries.models import Entry
from portal.accounts.models import User
from portal.results import certificates
from portal.results.models import Certificate

register = template.Library()


@register.simple_tag
def certificates_of_work(entry: Entry) -> list[Certificate]:
    """Return the work's certificates, once they are public."""
    return certificates.certificates_of_work(entry)


@register.simple_tag
def certificates_of_user(user: User) -> list[Certificate]:
    """Return the certificates of the person's organisations and their works, once public."""
    return certificates.certificates_of_user(user)


@register.simple_tag
def certificates_left(award_list: AwardList) -> int:
    """Return how many awards and honours of a final list have no certificate yet."""
    return certificates.certificates_left(award_list)
