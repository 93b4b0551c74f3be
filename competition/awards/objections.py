"""The verbs of an objection (异议): anyone raises it, the organiser answers with a reason."""

from collections.abc import Iterable
from typing import IO

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards.keeping import AwardsRefused, require_not_final
from competition.awards.models import Objection
from competition.awards.notice import take_award_away
from competition.awards.queries import current_list, noticed_list, takes_objections
from competition.awards.signals import objection_raised
from competition.editions.models import Edition
from competition.entries.models import Entry
from media_processing.reasons import explain
from media_processing.rules import PHOTO_FORMATS, MediaRules, UploadRefused, check_name, check_size
from media_processing.services import received
from portal.accounts.models import User

MOST_PICTURES = 5
EVIDENCE_RULES = MediaRules(kind="photo", formats=PHOTO_FORMATS, max_bytes=20 * 1024 * 1024)
TURNS = "objections"  # all that strangers send waits in one line, beside everybody's works


def check_evidence(name: str, byte_size: int) -> None:
    """Say at once what name and size tell of a picture. Raises AwardsRefused."""
    try:
        check_size(EVIDENCE_RULES, byte_size)
        check_name(EVIDENCE_RULES, name)
    except UploadRefused as refusal:
        raise AwardsRefused(f"{name}: {explain(refusal.reason, refusal.values)}") from refusal


def raise_objection(
    *,
    edition: Edition,
    entry: Entry | None,
    ground: str,
    text: str,
    name: str,
    email: str,
    evidence: Iterable[tuple[str, IO[bytes]]] = (),
) -> Objection:
    """Keep an objection to the awards on notice, about this work or none in particular.

    `evidence`: (name, open file) of pictures, which go through the pipeline like any other; one
    that is found unfit there is shown to the organiser with its reason. Raises AwardsRefused.
    """
    _require_open(edition)  # before anything of a stranger's is kept
    files = list(evidence)
    for title, file in files:
        check_evidence(title, File(file).size)
    with received(files, rules=EVIDENCE_RULES, user=None, on_behalf_of=TURNS) as pictures:
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        _require_open(locked)
        last = locked.objections.aggregate(Max("number"))["number__max"] or 0
        objection = Objection.objects.create(
            edition=locked,
            number=last + 1,
            entry=entry,
            ground=ground,
            text=text.strip(),
            name=name.strip(),
            email=email,
        )
        objection.evidence.set(pictures)
        data = {"number": objection.number, "work": entry.number if entry else None}
        log(instance=objection, action="competition.objection.raise", data=data)
        objection_raised.send(Objection, objection=objection)
    return objection


def uphold_objection(*, objection: Objection, answer: str, actor: User | None) -> Objection:
    """Agree. A work with an award loses it, and the next in rank moves up; `answer` is public.

    About a work without an award, or none in particular, the answer is all there is. Raises
    AwardsRefused: settled before, no answer, published, or the list is not on notice.
    """
    with transaction.atomic():
        settled = _settle(objection, Objection.State.UPHELD, answer, actor)
        award_list = current_list(settled.edition)
        if award_list and settled.entry and award_list.awards.filter(entry=settled.entry).exists():
            take_award_away(
                award_list=award_list,
                entry=settled.entry,
                reason=settled.answer,
                actor=actor,
                objection=settled,
            )
    return settled


def reject_objection(*, objection: Objection, answer: str, actor: User | None) -> Objection:
    """Let the awards stand, and say why in public. Raises AwardsRefused like uphold_objection."""
    with transaction.atomic():
        return _settle(objection, Objection.State.REJECTED, answer, actor)


def _require_open(edition: Edition) -> None:
    award_list = noticed_list(edition)
    if award_list is None or not takes_objections(award_list):
        raise AwardsRefused(
            _("Nothing was sent: objections can be raised in the notice period only.")
        )


def _settle(
    objection: Objection, state: Objection.State, answer: str, actor: User | None
) -> Objection:
    """Write the answer down, once, and into the log."""
    if not answer.strip():
        raise AwardsRefused(_("Say why; the answer is published with the notice."))
    Edition.objects.select_for_update().get(pk=objection.edition_id)
    current = Objection.objects.select_related("edition", "entry").get(pk=objection.pk)
    if current.state != Objection.State.RECEIVED:
        raise AwardsRefused(
            _("This objection was answered already: %(state)s. That answer was left as it is.")
            % {"state": current.get_state_display()}
        )
    require_not_final(current.edition)
    current.state, current.answer = state, answer.strip()
    current.decided_at, current.decided_by = timezone.now(), actor
    current.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    verb = "uphold" if state == Objection.State.UPHELD else "reject"
    data = {"number": current.number, "why": current.answer}
    log(instance=current, action=f"competition.objection.{verb}", user=actor, data=data)
    return current
