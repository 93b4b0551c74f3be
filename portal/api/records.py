"""From rows to what the API answers. Asks the database nothing that was not brought along."""

from collections.abc import Callable, Iterable

from competition.awards.models import Award
from competition.editions.models import Edition
from competition.entries.models import Entry, Frame
from media_processing.models import Derivative
from media_processing.queries import clips, master_playlist, stills
from portal.api.queries import Exhibition
from portal.api.schemas import (
    AwardOfWork,
    AwardRecord,
    CategoryRecord,
    CriterionRecord,
    EditionLinks,
    EditionRecord,
    EditionSummary,
    FileRecord,
    FrameRecord,
    PhaseRecord,
    PlacesRecord,
    SectionRecord,
    SubtitlesRecord,
    WorkRecord,
    WorkSummary,
)
from portal.pages.exhibition import timeline

Absolute = Callable[[str], str]  # an address of this site, made one that works everywhere


def edition_summary(edition: Edition, links: EditionLinks) -> EditionSummary:
    """Return the edition as the list shows it."""
    return EditionSummary(
        slug=edition.slug,
        title=edition.title,
        title_en=edition.title_en,
        theme=edition.theme,
        theme_en=edition.theme_en,
        organiser=edition.organiser,
        links=links,
    )


def edition_record(shown: Exhibition, links: EditionLinks) -> EditionRecord:
    """Return the edition with its rules."""
    edition = shown.edition
    return EditionRecord(
        **edition_summary(edition, links).dict(),
        phases=[
            PhaseRecord(
                kind=step.phase.kind,
                opens_at=step.phase.opens_at,
                closes_at=step.phase.closes_at,
                state=step.state,
            )
            for step in timeline(edition)
        ],
        sections=[
            SectionRecord(id=one.pk, kind=one.kind, title=one.title, title_en=one.title_en)
            for one in edition.sections.all()
        ],
        criteria=[
            CriterionRecord(
                code=one.code, title=one.title, title_en=one.title_en, weight=one.weight
            )
            for one in edition.criteria.all()
        ],
        categories=[
            CategoryRecord(
                code=one.code,
                title=one.title,
                title_en=one.title_en,
                places=[
                    PlacesRecord(section=quota.section_id, places=quota.places)
                    for quota in one.quotas.all()
                ],
            )
            for one in edition.award_categories.all()
        ],
        works_on_show=shown.is_open,
        names_public=shown.is_named,
        results_published=shown.published is not None,
        results_published_at=shown.published_at,
    )


# --- works ------------------------------------------------------------------------------------


def work_summary(work: Entry, shown: Exhibition, url: str | None) -> WorkSummary:
    """Return the work in few words; who made it only where names are public."""
    return WorkSummary(
        number=work.number or "",
        title=work.title,
        section=work.section_id,
        authors=work.author_names if shown.is_named else None,
        organisation=work.organisation.name if shown.is_named else None,
        url=url if shown.is_open else None,
    )


def work_record(
    work: Entry,
    shown: Exhibition,
    url: str,
    awards: Iterable[Award],
    votes: int | None,
    absolute: Absolute,
) -> WorkRecord:
    """Return the whole work as its page shows it."""
    frames = list(work.frames.all())
    return WorkRecord(
        **work_summary(work, shown, url).dict(),
        story=work.story,
        place=work.place,
        taken_on=work.taken_on,
        credit=work.credit_line if shown.is_named else None,
        ai_use=work.ai_use or Entry.AiUse.NONE,
        frames=[frame_record(one, work, shown, len(frames), absolute) for one in frames],
        awards=[award_of_work(one) for one in awards],
        votes=votes,
        page=_page(shown, "zh-hans", work),
        page_en=_page(shown, "en", work),
    )


def _page(shown: Exhibition, language: str, work: Entry) -> str | None:
    gallery = shown.galleries.get(language)
    return gallery and f"{gallery}works/{work.number}/"


def frame_record(
    frame: Frame, work: Entry, shown: Exhibition, count: int, absolute: Absolute
) -> FrameRecord:
    """Return one picture or film with all that was made from it; the original has no address."""
    asset, cover = frame.asset, work.cover
    playlist = master_playlist(asset)
    return FrameRecord(
        position=frame.position,
        kind=asset.kind,
        caption=frame.caption,
        alt=_alt(frame, work, shown, count),
        is_cover=cover is not None and cover.pk == frame.pk,
        seconds=asset.seconds,
        pictures=[_file(one, absolute) for one in stills(asset)],
        videos=[_file(one, absolute) for one in clips(asset)],
        playlist=absolute(playlist.file.url) if playlist else None,
        subtitles=[
            SubtitlesRecord(language=one.language, url=absolute(one.file.url))
            for one in asset.captions.all()
        ],
    )


def _alt(frame: Frame, work: Entry, shown: Exhibition, count: int) -> str:
    """Return the page's alt text in a form that is of no language: 2/6 for the second frame."""
    parts = [work.title, work.author_names if shown.is_named else "", frame.caption]
    if count > 1:
        parts.append(f"{frame.position}/{count}")
    return " · ".join(part for part in parts if part)


def _file(one: Derivative, absolute: Absolute) -> FileRecord:
    return FileRecord(
        url=absolute(one.file.url), type=one.mime_type, width=one.width, height=one.height
    )


# --- awards -----------------------------------------------------------------------------------


def award_of_work(award: Award) -> AwardOfWork:
    """Return the award without its work."""
    category = award.category
    return AwardOfWork(
        category=category.code, title=category.title, title_en=category.title_en, rank=award.rank
    )


def award_record(award: Award, work: WorkSummary) -> AwardRecord:
    """Return the award with its work."""
    return AwardRecord(**award_of_work(award).dict(), work=work)
