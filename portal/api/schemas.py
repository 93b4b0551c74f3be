"""What the API answers, field by field. Texts in two languages are two fields: `x` and `x_en`.

Descriptions are English here and in the OpenAPI document; the page about the API translates them.
"""

from datetime import date, datetime

from django.utils.translation import gettext_noop as _
from ninja import Field, Schema

EN = _("The same in English; empty where nobody has written it.")


class Problem(Schema):
    """Why there is no answer, in words."""

    detail: str = Field(description=_("What happened and what to do, in Chinese."))
    detail_en: str = Field(description=_("The same in English."))


# --- editions ---------------------------------------------------------------------------------


class EditionLinks(Schema):
    """Where the rest of an edition is."""

    self: str
    works: str
    awards: str
    notice: str
    honours: str
    statistics: str


class EditionSummary(Schema):
    """One running of the competition, as the list shows it."""

    slug: str = Field(description=_("Its short name in addresses."), examples=["2026"])
    title: str = Field(examples=["第四届摄影与微视频大赛"])
    title_en: str = Field(description=EN, examples=["Fourth contest"])
    theme: str = Field(examples=["光影之间"])
    theme_en: str = Field(description=EN, examples=["Between light and shadow"])
    organiser: str = Field(examples=["行业协会"])
    links: EditionLinks = Field(description=_("Addresses of all that belongs to the edition."))


class PhaseRecord(Schema):
    """A window of an edition, as the clock sees it."""

    kind: str = Field(
        description=_("One of call, screening, judging, voting, notice, published."),
        examples=["voting"],
    )
    opens_at: datetime
    closes_at: datetime
    state: str = Field(description=_("One of coming, open, done."), examples=["open"])


class SectionRecord(Schema):
    """A class of works with its own rules."""

    id: int = Field(description=_("Use it to filter works."), examples=[1])
    kind: str = Field(
        description=_("One of single_photo, photo_series, micro_video."), examples=["single_photo"]
    )
    title: str = Field(examples=["单幅照片"])
    title_en: str = Field(description=EN, examples=["Single photo"])


class CriterionRecord(Schema):
    """What judges score."""

    code: str = Field(examples=["theme"])
    title: str = Field(examples=["主题性"])
    title_en: str = Field(description=EN, examples=["Theme"])
    weight: int = Field(examples=[40])


class PlacesRecord(Schema):
    """How many places a category has in a section."""

    section: int = Field(description=_("The section's id."), examples=[1])
    places: int = Field(examples=[40])


class CategoryRecord(Schema):
    """What can be given."""

    code: str = Field(description=_("Use it to filter works."), examples=["expert"])
    title: str = Field(examples=["专家推荐作品"])
    title_en: str = Field(description=EN, examples=["Expert-recommended works"])
    places: list[PlacesRecord]


class EditionRecord(EditionSummary):
    """An edition with its calendar, sections, criteria and award categories."""

    phases: list[PhaseRecord]
    sections: list[SectionRecord]
    criteria: list[CriterionRecord]
    categories: list[CategoryRecord]
    works_on_show: bool = Field(description=_("Whether works can be read now."), examples=[True])
    names_public: bool = Field(
        description=_("Whether authors are named. Not while judges read without names."),
        examples=[True],
    )
    results_published: bool = Field(examples=[True])
    results_published_at: datetime | None = Field(
        description=_("Since when; null until that hour."), examples=["2026-09-01T02:00:00Z"]
    )


# --- works ------------------------------------------------------------------------------------


class FileRecord(Schema):
    """One file made from an original."""

    url: str = Field(examples=["https://example.org/derivatives/ab/cdef.webp"])
    type: str = Field(description=_("The media type."), examples=["image/webp"])
    width: int = Field(examples=[1280])
    height: int = Field(examples=[853])


class SubtitlesRecord(Schema):
    """Subtitles of a film, as WebVTT."""

    language: str = Field(examples=["zh-hans"])
    url: str = Field(examples=["https://example.org/derivatives/ab/cdef.vtt"])


class FrameRecord(Schema):
    """One picture or film of a work. A single photo and a film have one, a series several."""

    position: int = Field(description=_("From 1."), examples=[1])
    kind: str = Field(description=_("photo or video."), examples=["photo"])
    caption: str = Field(examples=["清晨的码头"])
    alt: str = Field(
        description=_("What stands for the picture where it can't be seen."),
        examples=["晨光 · 李四"],
    )
    is_cover: bool = Field(description=_("It stands for the whole work."), examples=[True])
    seconds: float | None = Field(
        default=None, description=_("Length of a film; null for a photo."), examples=[None]
    )
    pictures: list[FileRecord] = Field(
        description=_("Sizes of the photo, or of a film's still; smallest first.")
    )
    videos: list[FileRecord] = Field(description=_("Files that play, largest first."))
    playlist: str | None = Field(
        default=None, description=_("HLS playlist of all sizes of a film."), examples=[None]
    )
    subtitles: list[SubtitlesRecord]


class AwardOfWork(Schema):
    """An award that a work holds."""

    category: str = Field(description=_("The category's code."), examples=["expert"])
    title: str = Field(examples=["专家推荐作品"])
    title_en: str = Field(description=EN, examples=["Expert-recommended works"])
    rank: int = Field(description=_("Within category and section."), examples=[1])


class WorkSummary(Schema):
    """A work in few words."""

    number: str = Field(description=_("The work number."), examples=["P-000123"])
    title: str = Field(examples=["晨光"])
    section: int = Field(description=_("The section's id."), examples=[1])
    authors: str | None = Field(
        description=_("Null while authors are not named."), examples=["李四"]
    )
    organisation: str | None = Field(
        description=_("Null while authors are not named."), examples=["某某企业有限公司"]
    )
    url: str | None = Field(
        description=_("The work in this API; null while works are not on show."),
        examples=["https://example.org/api/v1/editions/2026/works/P-000123/"],
    )


class WorkRecord(WorkSummary):
    """A work that is on show, with its pictures."""

    story: str = Field(examples=["一张照片的故事。"])
    place: str = Field(description=_("Where it was taken."), examples=["青岛"])
    taken_on: date | None = Field(examples=["2026-05-01"])
    credit: str | None = Field(
        description=_("Credit and licence; null while authors are not named."),
        examples=["© 李四, CC BY 4.0"],
    )
    ai_use: str = Field(description=_("none, assisted or generated."), examples=["none"])
    frames: list[FrameRecord]
    awards: list[AwardOfWork] = Field(description=_("Empty until the results are published."))
    votes: int | None = Field(
        description=_("Public votes; null where they are not shown."), examples=[1024]
    )
    page: str | None = Field(
        description=_("The work's page for people."),
        examples=["https://example.org/gallery/works/P-000123/"],
    )
    page_en: str | None = Field(
        description=_("The same in English."),
        examples=["https://example.org/en/gallery/works/P-000123/"],
    )


class WorkPage(Schema):
    """A page of works, by section and number."""

    count: int = Field(description=_("Works on all pages."), examples=[1])
    page: int = Field(examples=[1])
    pages: int = Field(description=_("How many pages there are."), examples=[1])
    limit: int = Field(description=_("Works on a page."), examples=[24])
    next: str | None = Field(description=_("The next page, if any."), examples=[None])
    previous: str | None = Field(description=_("The page before, if any."), examples=[None])
    items: list[WorkRecord]


# --- results ----------------------------------------------------------------------------------


class AwardRecord(AwardOfWork):
    """An award and the work that holds it."""

    work: WorkSummary


class AwardsRecord(Schema):
    """The awards of an edition, all of them; none until the results are published."""

    results_published: bool = Field(examples=[True])
    results_published_at: datetime | None = Field(examples=["2026-09-01T02:00:00Z"])
    awards: list[AwardRecord]


class ReplacementRecord(Schema):
    """A work whose awards were taken away on notice, and the works that moved up."""

    number: int = Field(examples=[1])
    work: str = Field(description=_("The work number."), examples=["P-000123"])
    reason: str = Field(examples=["经查，作品并非作者本人拍摄。"])
    moved_up: list[str] = Field(description=_("Work numbers."), examples=[["P-000124"]])
    decided_at: datetime


class NoticeRecord(Schema):
    """The proposed awards while they are, or after they were, on public notice."""

    on_notice: bool = Field(description=_("Whether anything is public."), examples=[True])
    since: datetime | None = Field(examples=["2026-08-20T01:00:00Z"])
    objections_until: datetime | None = Field(
        description=_("When the notice period ends."), examples=["2026-08-27T01:00:00Z"]
    )
    awards: list[AwardRecord]
    replacements: list[ReplacementRecord]


class HonourRecord(Schema):
    """An organisation honoured for how it took part."""

    organisation: str = Field(examples=["某某市行业协会"])
    kind: str = Field(description=_("association or company."), examples=["association"])
    reason: str = Field(examples=["组织报送的作品数量多、质量高。"])


class HonoursRecord(Schema):
    """Organisations honoured for organising; none until the results are published."""

    results_published: bool = Field(examples=[True])
    honours: list[HonourRecord]


class SectionCount(Schema):
    """How many works of a section are on show."""

    section: int = Field(description=_("The section's id."), examples=[1])
    works: int = Field(examples=[1200])


class CategoryCount(Schema):
    """How many awards of a category were given."""

    category: str = Field(description=_("The category's code."), examples=["expert"])
    awards: int = Field(examples=[120])


class StatisticsRecord(Schema):
    """An edition in figures."""

    works: int = Field(
        description=_("Works that came in and were not taken back."), examples=[7390]
    )
    frames: int = Field(description=_("Pictures and films of those works."), examples=[9000])
    organisations: int = Field(description=_("Organisations that took part."), examples=[743])
    on_show: list[SectionCount] | None = Field(
        description=_("Works on show by section; null before they can be seen.")
    )
    votes: int | None = Field(
        description=_("Public votes that count; null where they are not shown."), examples=[250000]
    )
    awards: list[CategoryCount] | None = Field(
        description=_("Awards by category; null until the results are published.")
    )
