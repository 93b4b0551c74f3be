"""The edition of a rehearsal, set up as the demo's is, with its pages."""

from django.db import transaction

from competition.editions.models import Edition
from portal.demo.cast import Cast
from portal.demo.editions import LAST_YEAR, furnish, set_windows
from portal.pages.services import create_site
from portal.rehearsal.size import Size

SLUG = "rehearsal"


@transaction.atomic
def set_up(size: Size, cast: Cast) -> int:
    """Make the edition with all that an organiser sets up, unless it is there; return 1."""
    if Edition.objects.filter(slug=SLUG).exists():
        return 1
    edition = Edition.objects.create(
        slug=SLUG,
        title="彩排：职工摄影与微视频作品展",
        title_en="Dress rehearsal: exhibition of photographs and micro-videos",
        theme="向新而行",
        theme_en="Towards the new",
        organiser="全国企业文化协会",
        feedback=Edition.Feedback.COMMENTS,
    )
    set_windows(edition, LAST_YEAR)
    furnish(edition, cast, size.rules(), size.places())
    create_site(edition=edition)
    return 1


def the_edition() -> Edition:
    """Return it as it is now."""
    return Edition.objects.get(slug=SLUG)
