"""Certificates (获奖证书): issued once for each award and honour of final results, and printed."""

import zipfile
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail.log_actions import log

from competition.awards.keeping import lock, require_state
from competition.awards.models import Award, AwardCategory, AwardList
from competition.awards.queries import final_list, published_list
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.states import State
from competition.organisations.queries import organisations_of
from competition.reports.models import Honour
from portal.accounts.models import User
from portal.results.models import Certificate, Package
from portal.results.names import file_name
from portal.results.numbering import (
    LETTERS,
    ORGANISING,
    certificate_number,
    normalise,
    place_of,
    short_number,
)
from portal.results.parts import Step, whole
from portal.results.printing import Sheet, print_sheet

# An honour is one of a kind and has no row that could name it.
HONOUR, HONOUR_EN = "优秀组织单位", "Outstanding Organising Unit"


def issue_certificates(*, award_list: AwardList, actor: User | None) -> int:
    """Number a certificate for each award of the final list and each honour of its edition.

    Returns how many are new. Those issued earlier keep their numbers; what came later gets the
    numbers after theirs. They are public with the results, not before. Raises AwardsRefused.
    """
    with transaction.atomic():
        lock(award_list)
        require_state(award_list, AwardList.State.PUBLISHED)
        edition = award_list.edition
        numbers = certificates_of(award_list).values_list("number", flat=True)
        last = Counter[str]()
        for letter, place in map(place_of, numbers):
            last[letter] = max(last[letter], place)
        made = []
        for letter, of in _without(award_list):
            last[letter] += 1
            number = certificate_number(edition.slug, letter, last[letter], _key())
            made.append(Certificate(number=number, **of))
        Certificate.objects.bulk_create(made)
        if made:
            data = {"version": award_list.version, "issued": len(made)}
            log(instance=award_list, action="results.certificates.issue", user=actor, data=data)
    return len(made)


def certificates_left(award_list: AwardList) -> int:
    """Return how many awards and honours of this list have no certificate yet. Two queries."""
    awards = award_list.awards.filter(certificate=None).count()
    honours = Honour.objects.filter(edition=award_list.edition_id, certificate=None).count()
    return awards + honours


def _without(award_list: AwardList) -> Iterable[tuple[str, dict[str, Award | Honour]]]:
    """Yield (letter, what it is of) for what has no certificate yet, in the order of numbers."""
    awards = award_list.awards.filter(certificate=None).select_related("category")
    for award in awards.order_by(
        "category__position", "entry__section__position", "rank", "entry__number", "pk"
    ):
        yield LETTERS[award.category.code], {"award": award}
    for honour in Honour.objects.filter(edition=award_list.edition_id, certificate=None):
        yield ORGANISING, {"honour": honour}


def _key() -> bytes:
    return settings.SECRET_KEY.encode()


# --- which --------------------------------------------------------------------------------


def certificates_of(award_list: AwardList) -> QuerySet[Certificate]:
    """Return those of the list's awards and its edition's honours, with all they say; one query.

    For the organiser: they may not be public yet.
    """
    return _with_all(
        Certificate.objects.filter(
            Q(award__award_list=award_list) | Q(honour__edition=award_list.edition_id)
        )
    )


def _with_all(certificates: QuerySet[Certificate]) -> QuerySet[Certificate]:
    return certificates.select_related(
        "award__award_list__edition",
        "award__category",
        "award__entry__section",
        "award__entry__organisation",
        "honour__edition",
        "honour__organisation",
    )


def public_certificate(number: str) -> Certificate | None:
    """Return the certificate of that number, however it was typed; None before its hour."""
    try:
        kept = normalise(number)
    except ValueError:
        return None
    found = _with_all(Certificate.objects.filter(number=kept)).first()
    return found if found is not None and _is_public(found) else None


def certificates_of_work(entry: Entry) -> list[Certificate]:
    """Return the work's certificates that are public and hold."""
    return _shown(Certificate.objects.filter(award__entry=entry))


def certificates_of_user(user: User) -> list[Certificate]:
    """Return the same for the person's organisations and their works; a query for each edition."""
    ours = organisations_of(user)
    return _shown(
        Certificate.objects.filter(
            Q(award__entry__organisation__in=ours) | Q(honour__organisation__in=ours)
        )
    )


def _shown(certificates: QuerySet[Certificate]) -> list[Certificate]:
    found = list(_with_all(certificates).order_by("-pk"))
    lists = {edition: published_list(edition) for edition in {edition_of(one) for one in found}}
    return [one for one in found if _is_of(one, lists[edition_of(one)]) and holds(one)]


def _is_public(certificate: Certificate) -> bool:
    return _is_of(certificate, published_list(edition_of(certificate)))


def _is_of(certificate: Certificate, award_list: AwardList | None) -> bool:
    award = certificate.award
    return award_list is not None and (award is None or award.award_list_id == award_list.pk)


def holds(certificate: Certificate) -> bool:
    """Tell whether it still does: not when its work has left the competition since."""
    return certificate.award is None or certificate.award.entry.state == State.ADMITTED


def edition_of(certificate: Certificate) -> Edition:
    """Return the edition it was given in."""
    if certificate.award is not None:
        return certificate.award.award_list.edition
    assert certificate.honour is not None
    return certificate.honour.edition


def given_at(certificate: Certificate) -> datetime:
    """Return the hour of its results. Raises LookupError before they are final."""
    edition = edition_of(certificate)
    award_list = certificate.award.award_list if certificate.award else final_list(edition)
    if award_list is None or award_list.published_at is None:
        raise LookupError(f"the results of {edition.slug} are not final")
    return award_list.published_at


# --- what it says -------------------------------------------------------------------------


def address_of(certificate: Certificate) -> str:
    """Return the full address of the page that confirms it; the QR code's."""
    with override(settings.LANGUAGE_CODE):
        return settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse(
            "certificate", args=[certificate.number]
        )


def sheet_of(certificate: Certificate) -> Sheet:
    """Return what stands on it. Raises LookupError before its results are final."""
    edition = edition_of(certificate)
    said = _said_of_honour if certificate.award is None else _said_of_award
    return Sheet(
        number=certificate.number,
        address=address_of(certificate),
        edition=edition.title,
        edition_en=edition.title_en or edition.title,
        theme=edition.theme,
        theme_en=edition.theme_en or edition.theme,
        organiser=edition.organiser or settings.SITE_NAME,
        given_on=timezone.localdate(given_at(certificate)),
        **said(certificate),
    )


def _said_of_award(certificate: Certificate) -> dict[str, str]:
    assert certificate.award is not None
    category, entry = certificate.award.category, certificate.award.entry
    with override("en"):
        label = str(AwardCategory.Code(category.code).label)
    return {
        "recipient": entry.author_names,
        "organisation": entry.organisation.name,
        "prize": category.title,
        "prize_en": category.title_en or label,
        "work": entry.title,
        "work_number": entry.number or "",
        "section": entry.section.title,
        "section_en": entry.section.title_en or entry.section.title,
    }


def _said_of_honour(certificate: Certificate) -> dict[str, str]:
    assert certificate.honour is not None
    return {
        "recipient": certificate.honour.organisation.name,
        "organisation": "",
        "prize": HONOUR,
        "prize_en": HONOUR_EN,
    }


def pdf_of(certificate: Certificate) -> bytes:
    """Return the certificate as PDF: one sheet of A4 in Chinese and English."""
    return print_sheet(sheet_of(certificate))


def pdf_name(certificate: Certificate) -> str:
    """Return a name for its file: E-0001 晨光里的工地 李四.pdf."""
    parts = [short_number(certificate.number)]
    if certificate.award is not None:
        parts += [certificate.award.entry.title, certificate.award.entry.author_names]
    elif certificate.honour is not None:
        parts.append(certificate.honour.organisation.name)
    return file_name(" ".join(parts), ".pdf")


# --- all at once --------------------------------------------------------------------------


def make_certificates(package: Package, folder: Path, step: Step) -> Path:
    """Print every certificate of the package's list into one ZIP, and return that.

    `folder` outlives a kill: what was printed whole is not printed again. `step(done, total)` is
    called after each, and may raise. Those not issued yet are issued.
    """
    award_list = package.award_list
    issue_certificates(award_list=award_list, actor=package.asked_by)
    certificates = list(certificates_of(award_list))
    for done, certificate in enumerate(certificates, start=1):
        printed = _printed(folder, certificate)
        if not printed.exists():
            with whole(printed) as place:
                place.write_bytes(pdf_of(certificate))
        step(done, len(certificates))
    packed = folder / "certificates.zip"
    # Stored: a PDF is compressed already.
    with whole(packed) as place, zipfile.ZipFile(place, "w") as archive:
        for certificate in certificates:
            archive.write(_printed(folder, certificate), pdf_name(certificate))
    return packed


def _printed(folder: Path, certificate: Certificate) -> Path:
    return folder / f"{certificate.number}.pdf"
