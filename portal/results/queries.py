"""What is public of an edition's packages. Before their hour: nothing, not that they exist."""

from django.db.models import QuerySet

from competition.awards.queries import noticed_list, published_list
from competition.editions.models import Edition
from portal.results.models import Package

BUNDLES = (Package.Kind.NOTICE_BUNDLE, Package.Kind.BUNDLE)


def public_root(edition: Edition) -> str | None:
    """Return the root of the bundle made when the awards were put on notice, from that hour on."""
    award_list = noticed_list(edition)
    if award_list is None:
        return None
    ready = _ready(Package.objects.filter(award_list=award_list, kind=Package.Kind.NOTICE_BUNDLE))
    return ready.values_list("root", flat=True).first()


def public_bundles(edition: Edition) -> QuerySet[Package]:
    """Return the bundles that everybody may download, the final one first, with the results."""
    award_list = published_list(edition)
    if award_list is None:
        return Package.objects.none()
    of_list = Package.objects.filter(award_list=award_list, kind__in=BUNDLES)
    return _ready(of_list).select_related("award_list__edition").order_by("kind")


def _ready(packages: QuerySet[Package]) -> QuerySet[Package]:
    return packages.filter(state=Package.State.READY)
