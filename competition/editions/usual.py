"""What a new edition begins with: the usual sections and criteria, for the organiser to change."""

from competition.editions.models import Criterion, Edition, Section

SECTIONS = (
    {"kind": "single_photo", "title": "单幅照片", "title_en": "Single photo"},
    {
        "kind": "photo_series",
        "title": "组照",
        "title_en": "Photo series",
        "min_frames": 4,
        "max_frames": 8,
    },
    {
        "kind": "micro_video",
        "title": "微视频",
        "title_en": "Micro-video",
        "max_mb": 500,
        "max_seconds": 300,
    },
)
CRITERIA = (
    {"code": "theme", "title": "主题性", "title_en": "Theme", "weight": 40},
    {"code": "artistry", "title": "艺术性", "title_en": "Artistry", "weight": 30},
    {"code": "story", "title": "故事性", "title_en": "Story", "weight": 30},
)


def begin_edition() -> Edition:
    """Return an edition that is not saved, with the usual sections and criteria."""
    return Edition(
        sections=[Section(position=place, **row) for place, row in enumerate(SECTIONS, start=1)],
        criteria=[Criterion(position=place, **row) for place, row in enumerate(CRITERIA, start=1)],
    )
