"""The demo's editions and their dates.

Phases are open by the clock alone, so the story moves the windows: each step runs in the
phase it belongs to, and at the end the finished edition has the dates of last year.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.utils import timezone

from competition.awards.models import AwardCategory, AwardQuota
from competition.editions.models import Criterion, Edition, Phase, Section
from competition.editions.services import copy_edition, publish_declaration
from competition.judging.models import Panel, Round
from competition.judging.services import add_judge
from portal.demo.cast import Cast
from voting.models import Poll

Windows = Mapping[str, tuple[int, int]]  # kind of phase -> days from now, [opens, closes)

LAST_YEAR: Windows = {
    "call": (-330, -300),
    "screening": (-310, -290),
    "judging": (-290, -265),
    "voting": (-285, -271),
    "notice": (-262, -255),
    "published": (-255, 3000),
}
# Everything at once, so that each login has something to do.
NOW: Windows = {
    "call": (-20, 25),
    "screening": (-15, 35),
    "judging": (-10, 40),
    "voting": (-7, 30),
    "notice": (45, 52),
    "published": (52, 3000),
}
CRITERIA = [
    ("theme", "主题性", "Theme", "是否切合本届主题，表达是否鲜明", 40),
    ("artistry", "艺术性", "Artistry", "构图、光影、色彩与技术完成度", 35),
    ("story", "故事性", "Story", "是否打动人，是否看得见人与事", 25),
]
SECTIONS = [
    ("single_photo", "单幅照片", "Single photo"),
    ("photo_series", "组照", "Photo series"),
    ("micro_video", "微视频", "Micro-video"),
]
PLACES = {  # category -> kind of section -> places
    "expert": {"single_photo": 3, "photo_series": 0, "micro_video": 1},
    "popular": {"single_photo": 3, "photo_series": 0, "micro_video": 1},
    "shortlisted": {"single_photo": 6, "photo_series": 1, "micro_video": 1},
}
CATEGORIES = [
    ("expert", "专家推荐作品", "Expert-recommended works", "jury"),
    ("popular", "人气作品", "Popular works", "public"),
    ("shortlisted", "入围作品", "Shortlisted works", "combined"),
]
RIGHTS = (
    "我声明：参赛作品为作者本人原创，不侵犯他人的著作权、肖像权、名誉权；"
    "同意主办方在本次活动的展览、画册与网站中署名使用。"
)
RIGHTS_EN = (
    "I declare that the work is the authors' own, infringes nobody's rights, and may be shown "
    "with its credits in this exhibition, its catalogue and its website."
)


def make_last_edition(cast: Cast, min_long_side: int) -> Edition:
    """Make last year's edition with everything an organiser sets up in the admin."""
    edition = Edition.objects.create(
        slug="seventh",
        title="第七届职工摄影与微视频作品展",
        title_en="Seventh Exhibition of Photographs and Micro-videos",
        theme="光影之间 · 我们身边的力量",
        theme_en="Between light and shadow: the strength beside us",
        organiser="全国企业文化协会",
        feedback=Edition.Feedback.COMMENTS,
    )
    set_windows(edition, LAST_YEAR)
    furnish(edition, cast, _section_rules(min_long_side), PLACES)
    return edition


def furnish(
    edition: Edition,
    cast: Cast,
    rules: Mapping[str, Mapping[str, int]],
    places: Mapping[str, Mapping[str, int]],
) -> None:
    """Set up declaration, sections by `rules`, criteria, awards, poll, panels and the round.

    `rules`: kind of section -> its limits; `places`: category -> kind of section -> places.
    """
    publish_declaration(edition=edition, text=RIGHTS, text_en=RIGHTS_EN, actor=cast.organiser)
    sections = _make_sections(edition, rules)
    for position, (code, title, title_en, description, weight) in enumerate(CRITERIA):
        Criterion.objects.create(
            edition=edition,
            code=code,
            title=title,
            title_en=title_en,
            description=description,
            weight=weight,
            position=position,
        )
    _make_categories(edition, sections, places)
    poll = Poll.objects.create(edition=edition, votes_per_day=10)
    poll.sections.set(sections)
    make_panels(edition, cast)
    make_round(edition)


def make_current_edition(last: Edition, cast: Cast) -> Edition:
    """Copy last year's edition, as the organiser does, and open everything."""
    edition = copy_edition(
        edition=last,
        slug="eighth",
        title="第八届职工摄影与微视频作品展",
        title_en="Eighth Exhibition of Photographs and Micro-videos",
        shift=timedelta(days=365),
        actor=cast.organiser,
    )
    edition.theme = "向新而行 · 看见变化的现场"
    edition.theme_en = "Towards the new: where change can be seen"
    edition.save()
    set_windows(edition, NOW)
    return edition


def set_windows(edition: Edition, windows: Windows) -> None:
    """Give the edition's phases these windows, from midnight to midnight."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for kind, (opens, closes) in windows.items():
        Phase.objects.update_or_create(
            edition=edition,
            kind=kind,
            defaults={
                "opens_at": today + timedelta(days=opens),
                "closes_at": today + timedelta(days=closes),
            },
        )
    edition.refresh_from_db()


def stand_in(edition: Edition, open_kinds: Collection[str]) -> None:
    """Move the windows so that it is the time of these phases: the others are over or to come."""
    order = [kind.value for kind in Phase.Kind]
    first, last = min(map(order.index, open_kinds)), max(map(order.index, open_kinds))
    windows: dict[str, tuple[int, int]] = {}
    for place, kind in enumerate(order):
        if place < first:
            windows[kind] = (-60 + place, -30 + place)
        elif place > last:
            windows[kind] = (30 + place, 60 + place)
        else:
            windows[kind] = (-9, 9)
    set_windows(edition, windows)


def make_panels(edition: Edition, cast: Cast) -> None:
    """Make the expert panel of the first half, the larger one, and the industry panel."""
    experts = -(-len(cast.judges) // 2)
    for kind, title, title_en, people in [
        ("expert", "专家评审组", "Expert panel", cast.judges[:experts]),
        ("industry", "行业评审组", "Industry panel", cast.judges[experts:]),
    ]:
        panel = Panel.objects.create(edition=edition, kind=kind, title=title, title_en=title_en)
        for user in people:
            add_judge(panel=panel, user=user, actor=cast.organiser)


def make_round(edition: Edition) -> Round:
    """Make the round in which two judges of each panel read each work."""
    scoring = Round.objects.create(
        edition=edition, number=1, title="终评", title_en="Final round", readings=2
    )
    scoring.sections.set(edition.sections.all())
    scoring.panels.set(edition.panels.all())
    return scoring


def _section_rules(min_long_side: int) -> dict[str, dict[str, int]]:
    photo = {"min_long_side": min_long_side, "max_mb": 30, "entries_per_organisation": 6}
    photo["forwarded_per_association"] = 24
    video = {"max_mb": 200, "min_seconds": 1, "max_seconds": 180, "entries_per_organisation": 3}
    video["forwarded_per_association"] = 12
    series = {**photo, "min_frames": 4, "max_frames": 8, "entries_per_organisation": 2}
    series["forwarded_per_association"] = 8
    return {"single_photo": photo, "photo_series": series, "micro_video": video}


def _make_sections(edition: Edition, rules: Mapping[str, Mapping[str, int]]) -> list[Section]:
    return [
        Section.objects.create(
            edition=edition,
            kind=kind,
            title=title,
            title_en=title_en,
            position=position,
            **rules[kind],
        )
        for position, (kind, title, title_en) in enumerate(SECTIONS)
        if kind in rules
    ]


def _make_categories(
    edition: Edition, sections: list[Section], places: Mapping[str, Mapping[str, int]]
) -> None:
    for position, (code, title, title_en, source) in enumerate(CATEGORIES):
        category = AwardCategory.objects.create(
            edition=edition,
            code=code,
            title=title,
            title_en=title_en,
            source=source,
            position=position,
        )
        for section in sections:
            if number := places[code][section.kind]:
                AwardQuota.objects.create(category=category, section=section, places=number)
