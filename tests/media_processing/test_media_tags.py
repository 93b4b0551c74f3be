"""How an asset stands in a page."""

import pytest
from django.template import Context, Template
from django.utils import translation

from media_processing.models import CaptionTrack, MediaAsset
from media_processing.queries import prefetch_derivatives, status_of, stills
from tests.factories import AssetFactory, DerivativeFactory

pytestmark = pytest.mark.django_db


def shown(text, **context):
    return Template("{% load media_tags %}" + text).render(Context(context))


SCENES = {
    "columns": 10,
    "rows": 1,
    "tiles": 10,
    "tile_width": 160,
    "tile_height": 90,
    "seconds_a_tile": 2,
}


def video(short_sides=(720, 480)):
    asset = AssetFactory(kind="video", derivatives=False)
    for role, name, width, mime_type, details in [
        ("poster", "poster-320-webp", 320, "image/webp", {}),
        ("poster", "poster-1280-jpeg", 1280, "image/jpeg", {}),
        ("strip", "strip-jpeg", 1600, "image/jpeg", SCENES),
        ("playlist", "playlist-master", 1280, "application/vnd.apple.mpegurl", {}),
        *(("video", f"video-{side}-mp4", side * 16 // 9, "video/mp4", {}) for side in short_sides),
    ]:
        DerivativeFactory(
            asset=asset,
            role=role,
            name=name,
            file=f"ab/{name}",
            mime_type=mime_type,
            width=width,
            height=width * 9 // 16,
            details=details,
        )
    return asset


def test_a_picture_offers_its_sizes_and_reserves_its_place():
    asset = AssetFactory()
    html = shown('{% picture asset sizes="50vw" alt=title %}', asset=asset, title='A "b" <c>')
    hexa = asset.pk.hex
    assert (
        f'srcset="/derivatives/ab/{hexa}-320.webp 320w, /derivatives/ab/{hexa}-640.webp 640w, '
        f'/derivatives/ab/{hexa}-1280.webp 1280w" sizes="50vw"'
    ) in html
    assert 'width="1280" height="853"' in html
    assert 'alt="A &quot;b&quot; &lt;c&gt;"' in html
    assert 'loading="lazy"' in html
    assert "style=" not in html


def test_a_tiny_picture_lies_under_the_real_one_and_says_nothing():
    html = shown("{% picture asset %}", asset=AssetFactory(placeholder="data:image/webp;base64,AA"))
    tiny = html.index('src="data:image/webp;base64,AA" alt="" aria-hidden="true"')
    assert tiny < html.index("<picture")
    assert "data:" not in shown("{% picture asset %}", asset=AssetFactory())


def test_the_first_picture_of_a_page_is_not_lazy():
    html = shown("{% picture asset eager=True %}", asset=AssetFactory())
    assert "lazy" not in html
    assert 'fetchpriority="high"' in html


def test_of_a_video_the_poster_is_shown():
    html = shown("{% picture asset %}", asset=video())
    assert 'srcset="/derivatives/ab/poster-320-webp 320w"' in html
    assert 'src="/derivatives/ab/poster-1280-jpeg"' in html
    assert "video-720" not in html


def test_a_film_fetches_nothing_before_it_is_played():
    html = shown("{% film asset %}", asset=video())
    assert 'controls playsinline preload="metadata" width="1280" height="720"' in html
    assert 'poster="/derivatives/ab/poster-1280-jpeg"' in html
    for wanted in (
        '<source src="/derivatives/ab/video-720-mp4" type="video/mp4" media="(min-width: 64rem)">',
        '<source src="/derivatives/ab/video-480-mp4" type="video/mp4">',
    ):
        assert wanted in html
    assert html.index("video-720") < html.index("video-480")


def test_a_film_tells_the_script_where_its_rungs_and_scenes_are():
    html = shown("{% film asset %}", asset=video())
    assert 'data-keys="all" data-playlist="/derivatives/ab/playlist-master"' in html
    assert 'data-strip="/derivatives/ab/strip-jpeg" data-columns="10"' in html
    assert 'data-keys="letters"' in shown('{% film asset keys="letters" %}', asset=video())
    assert "style=" not in html


def test_one_rung_needs_no_playlist_and_a_short_film_no_scenes():
    asset = video(short_sides=(480,))
    asset.derivatives.filter(role="strip").update(details={**SCENES, "tiles": 2})
    html = shown("{% film asset %}", asset=asset)
    assert "data-playlist" not in html
    assert "data-strip" not in html
    assert "media=" not in html


def test_subtitles_are_tracks_and_those_of_the_page_s_language_are_on():
    asset = video()
    for language in ("en", "zh-hans"):
        CaptionTrack.objects.create(asset=asset, language=language, file=f"cd/{language}.vtt")
    with translation.override("en"):
        html = shown("{% film asset %}", asset=asset)
    english = (
        '<track kind="captions" srclang="en" label="English" src="/derivatives/cd/en.vtt" default>'
    )
    assert english in html
    assert 'srclang="zh-hans" label="简体中文" src="/derivatives/cd/zh-hans.vtt">' in html


def test_a_strip_and_a_playlist_are_no_stills():
    found = {one.role for one in stills(video())}
    assert found == {"poster"}


def test_what_is_not_ready_says_so():
    with translation.override("en"):
        asset = AssetFactory(state="processing", derivatives=False)
        for tag in ("{% picture asset %}", "{% film asset %}"):
            html = shown(tag, asset=asset)
            assert "Processing" in html
            assert "<img" not in html


def test_the_smallest_still_is_the_thumbnail():
    assert shown("{{ asset|thumbnail_url }}", asset=video()) == "/derivatives/ab/poster-320-webp"
    assert shown("{{ asset|thumbnail_url }}", asset=AssetFactory(derivatives=False)) == ""


def test_the_reason_is_told_in_words():
    asset = AssetFactory(state="refused", reason="empty", derivatives=False)
    with translation.override("en"):
        assert shown("{{ asset|asset_reason }}", asset=asset).startswith("The file is empty.")
    assert shown("{{ asset|asset_reason }}", asset=AssetFactory()) == ""


def test_the_status_is_ready_for_json():
    ready = AssetFactory(percent=100)
    refused = AssetFactory(
        state="refused",
        reason="too_small",
        reason_values={"long_side": 1200, "min_long_side": 3000},
        derivatives=False,
    )
    with translation.override("en"):
        assert status_of([ready, refused]) == [
            {
                "id": str(ready.pk),
                "state": "ready",
                "state_label": "Ready",
                "percent": 100,
                "reason": "",
                "thumbnail": f"/derivatives/ab/{ready.pk.hex}-320.webp",
            },
            {
                "id": str(refused.pk),
                "state": "refused",
                "state_label": "Refused",
                "percent": 0,
                "reason": "The long side has 1200 px; this section asks for at least 3000 px. "
                "Please upload the original.",
                "thumbnail": "",
            },
        ]


@pytest.mark.parametrize("count", [1, 3])
def test_many_cost_as_many_queries_as_one(django_assert_num_queries, count):
    AssetFactory.create_batch(count)
    with django_assert_num_queries(2):
        for asset in MediaAsset.objects.prefetch_related(prefetch_derivatives()):
            shown("{% picture asset %}{{ asset|thumbnail_url }}", asset=asset)
    with django_assert_num_queries(2):
        status_of(list(MediaAsset.objects.all()))
