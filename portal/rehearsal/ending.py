"""Awards: proposed, on notice, objected to, published; papers and mails by the workers."""

from django.db.models import QuerySet
from tqdm import tqdm

from competition.awards.models import AwardList
from competition.awards.services import confirm_awards, propose_awards
from portal.demo.announcement import decide_ties, publish, put_on_notice
from portal.demo.cast import Cast
from portal.notifications.models import Notice
from portal.notifications.tasks import send_notice
from portal.rehearsal.editions import the_edition
from portal.rehearsal.workers import Place, work_off
from portal.results.models import Package

UNMADE = [Package.State.WAITING, Package.State.MAKING]


def propose(cast: Cast) -> int:
    """Propose the awards, decide what is tied, confirm; return how many there are."""
    awards = propose_awards(edition=the_edition(), actor=cast.organiser)
    decide_ties(awards, cast, "同分，经评审组合议，以故事性得分较高者优先。")
    return confirm_awards(award_list=awards, actor=cast.organiser).awards.count()


def give_notice(cast: Cast) -> int:
    """Put them on notice, take two objections and decide on both."""
    put_on_notice(_awards(), cast)
    return _awards().awards.count()


def announce(cast: Cast) -> int:
    """Publish, with a certificate for each."""
    publish(_awards(), cast)
    return _awards().awards.count()


def make_papers(place: Place) -> int:
    """Have the workers make what publication asked for: the bundles that anybody can verify."""
    unmade = Package.objects.filter(state__in=UNMADE)
    _work_off(place, unmade, "Bundles")
    return Package.objects.count()


def send_mails(place: Place) -> int:
    """Have the workers send every mail; they go nowhere."""
    unsent = Notice.objects.filter(sent_at=None)
    for pk in unsent.values_list("pk", flat=True).iterator():
        send_notice.enqueue(str(pk))  # receipts wait for more works; the rehearsal does not
    _work_off(place, unsent, "Mails")
    return Notice.objects.count()


def _awards() -> AwardList:
    return AwardList.objects.filter(edition=the_edition()).latest("version")


def _work_off(place: Place, rows: QuerySet, label: str) -> None:
    with tqdm(total=rows.count(), desc=label, mininterval=5) as bar:
        work_off(place, rows.count, bar)
