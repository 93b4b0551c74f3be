"""The poster of a work: what stands on it, when there is one, and that it can be read."""

from dataclasses import replace
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from media_processing.storage import derivatives
from portal.pages import picture_views, poster
from tests.factories import PollFactory, close_phase, open_phase

TEXT = poster.Poster(
    title="清晨的渔港",
    number="P-000123",
    author="李明远",
    edition="2026 摄影展",
    theme="光影之间",
    call="扫码看作品，投一票",
    address="https://vote.example.org/gallery/works/P-000123/",
)


def image_of(content):
    return Image.open(BytesIO(content)).convert("RGB")


def picture(size=(1280, 853), colour="teal"):
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "WEBP")
    return made.getvalue()


class TestDrawing:
    def test_is_upright_and_shows_the_whole_picture(self):
        drawn = image_of(poster.draw(TEXT, picture((500, 2000))))
        assert drawn.size == (1080, 1440)
        assert drawn.getpixel((540, 5)) == drawn.getpixel((540, poster.PICTURE_HEIGHT - 5))
        assert drawn.getpixel((540, 5)) != drawn.getpixel((5, 5))

    def test_has_a_glyph_for_every_character(self):
        """A font without a character draws its box for all of them alike."""

        def glyph(text, which):
            return bytes(poster.font_of(which, 40).getmask(text))

        for which in (poster.SERIF, poster.SANS):
            missing = glyph("\U000f1234", which)
            for letter in "清晨的渔港龘靐，A9éЖ":
                assert glyph(letter, which) != missing, letter

    def test_each_text_is_written(self):
        whole = image_of(poster.draw(TEXT, None))
        for name in ("title", "number", "author", "edition", "theme", "call", "address"):
            without = image_of(poster.draw(replace(TEXT, **{name: "x"}), None))
            assert ImageChops.difference(whole, without).getbbox(), name

    def test_nothing_runs_into_the_margins_or_the_code(self):
        long = "很长的标题" * 40
        full = replace(TEXT, title=long, author=long, edition=long, theme=long, call=long)
        drawn = image_of(poster.draw(full, None))
        foot = poster.PICTURE_HEIGHT + 20
        empty = [
            (0, foot, poster.MARGIN - 2, 1440),
            (1080 - poster.MARGIN + 4, foot, 1080, 1440),
            (1080 - poster.MARGIN - poster.QR_SIDE - 30, 1180, 1080 - poster.MARGIN - 240, 1440),
            (0, 1440 - poster.MARGIN + 16, 1080, 1440),
        ]
        for box in empty:
            assert drawn.crop(box).getcolors() == [
                ((box[2] - box[0]) * (box[3] - box[1]), (255, 255, 255))
            ], box

    def test_has_a_name_of_its_own_for_each_content(self):
        assert TEXT.name("a") == TEXT.name("a")
        assert len({TEXT.name("a"), TEXT.name("b"), replace(TEXT, author="").name("a")}) == 3

    def test_says_what_to_install_where_no_font_is(self, monkeypatch, tmp_path):
        monkeypatch.setattr(poster, "FONT_FOLDERS", (tmp_path,))
        with pytest.raises(poster.FontMissing, match="fonts-noto-cjk"):
            poster.font_of(poster.SERIF, 41)


class TestWrapping:
    @settings(max_examples=60)
    @given(text=st.text("光影之间，。（abc de", max_size=80), room=st.integers(80, 400))
    def test_keeps_every_character_inside_the_room(self, text, room):
        font = poster.font_of(poster.SANS, 30)
        lines = poster.wrap(text, font, room)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(font.getlength(line) <= room for line in lines)

    def test_breaks_between_words_and_before_no_closing_mark(self):
        font = poster.font_of(poster.SANS, 30)
        assert poster.wrap("Between light and shadow", font, 210) == [
            "Between light",
            "and shadow",
        ]
        assert poster.wrap("光影之间，之外", font, 125) == ["光影之", "间，之外"]

    def test_what_is_left_out_is_told(self):
        font = poster.font_of(poster.SANS, 30)
        assert poster.shorten(["光影之间", "之外"], font, 125, most=1) == ["光影之…"]


@pytest.fixture
def work(site, edition, section, make_works):
    """A work on show with a picture, in an open vote; judges read blind."""
    for kind in ("voting", "judging"):
        open_phase(edition, kind)
    PollFactory(edition=edition).sections.add(section)
    (work,) = make_works(1)
    still = work.frames.get().asset.derivatives.get(width=1280)
    still.file = derivatives().save("ab/poster-test.webp", ContentFile(picture()))
    still.save()
    return work


def texts_of(monkeypatch):
    """Collect what the posters are asked to say, instead of drawing them."""
    asked = []
    monkeypatch.setattr(
        picture_views.poster, "draw", lambda text, picture: asked.append((text, picture)) or b"png"
    )
    return asked


def address(work, prefix=""):
    return f"{prefix}/posters/2026/{work.number}.png"


class TestServing:
    def test_the_works_page_leads_to_it(self, client, work):
        page = client.get(f"/gallery/works/{work.number}/").content.decode()
        assert f'href="{address(work)}"' in page
        response = client.get(address(work))
        assert response.headers["Content-Type"] == "image/png"
        assert image_of(response.getvalue()).size == (1080, 1440)

    def test_it_is_drawn_once(self, client, work, monkeypatch):
        asked = texts_of(monkeypatch)
        for _ in range(3):
            client.get(address(work)).getvalue()
        assert len(asked) == 1
        work.title = "改过的题目"
        work.save()
        client.get(address(work)).getvalue()
        assert [text.title for text, _picture in asked][1:] == ["改过的题目"]
        assert default_storage.exists(asked[0][0].name("ab/poster-test.webp"))

    def test_it_names_nobody_while_judges_read_blind(self, client, edition, work, monkeypatch):
        asked = texts_of(monkeypatch)
        client.get(address(work)).getvalue()
        close_phase(edition, "judging")
        client.get(address(work)).getvalue()
        assert [text.author for text, _picture in asked] == ["", work.author_names]

    def test_it_speaks_the_language_of_its_address(self, client, work, monkeypatch):
        asked = texts_of(monkeypatch)
        for prefix in ("", "/en"):
            client.get(address(work, prefix)).getvalue()
        chinese, english = (text for text, _picture in asked)
        assert english.call == "Scan, look, and vote"
        assert english.edition == "Exhibition 2026"
        assert english.address.endswith(f"/en/gallery/works/{work.number}/")
        assert chinese.address.endswith(f"/gallery/works/{work.number}/")
        assert "/en/" not in chinese.address
        assert chinese.edition == "2026 摄影展"

    def test_it_calls_nobody_to_vote_when_voting_has_ended(
        self, client, edition, work, monkeypatch
    ):
        asked = texts_of(monkeypatch)
        close_phase(edition, "voting")
        client.get(address(work, "/en")).getvalue()
        assert asked[0][0].call == "Scan to see the work"

    def test_there_is_none_before_the_works_are_on_show_or_of_another_work(
        self, client, edition, work
    ):
        assert client.get("/posters/2026/P-999999.png").status_code == 404
        assert client.get("/posters/1999/P-999999.png").status_code == 404
        work.state = "disqualified"
        work.save()
        assert client.get(address(work)).status_code == 404
        work.state = "admitted"
        work.save()
        edition.phases.all().delete()
        assert client.get(address(work)).status_code == 404
