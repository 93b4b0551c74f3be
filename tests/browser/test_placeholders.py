"""The tiny picture lies exactly where the real one comes, and is covered by it."""

import pytest

from portal.pages.services import create_site
from tests import factories
from tests.browser.chromium import DESK, PHONE

TINY = (
    "data:image/webp;base64,UklGRmoAAABXRUJQVlA4IF4AAADwAQCdASoQAAsAAsBMJQAAa6JgW8UxaBAA/ie5YLMO"
    "I66HLB11/WBH75tJr1srSGOFn89GGiR2N+z0d1r8DIu9Mn6UCMlsZWMF9chGkfe8nLG4BTicUe4F9vYE3eAA"
)
# For each pair that is shown: the rectangles, and which of the two is on top in the middle.
PAIRS = """() => [...document.querySelectorAll(".picture-box")].map((box) => {
  const [tiny, real] = box.querySelectorAll("img");
  real.scrollIntoView({ block: "center", behavior: "instant" });
  const places = [tiny, real].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height].map(Math.round);
  });
  const [x, y, width, height] = places[1];
  const top = document.elementsFromPoint(x + width / 2, y + height / 2);
  const covered = top.indexOf(real) < top.indexOf(tiny);
  return { hidden: !tiny.checkVisibility(), places, covered };
})"""


@pytest.fixture
def works(root_page, draw):
    section = factories.SectionFactory()
    factories.open_phase(section.edition, "voting")
    factories.PollFactory(edition=section.edition).sections.add(section)
    entries = [factories.EntryFactory(section=section, state="admitted") for _ in range(3)]
    factories.FrameFactory(entry=entries[0], position=2)
    for entry in entries:
        for frame in entry.frames.all():
            frame.asset.placeholder = TINY
            frame.asset.save()
    draw()
    create_site(edition=section.edition)
    return entries


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_tiny_picture_lies_under_the_real_one(open_context, works, screen):
    page = open_context(screen).new_page()
    shown = 0
    for path in ("/", "/gallery/", *(f"/gallery/works/{one.number}/" for one in works)):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for pair in page.evaluate(PAIRS):
            if not pair["hidden"]:
                shown += 1
                tiny, real = pair["places"]
                assert all(abs(one - other) <= 1 for one, other in zip(tiny, real, strict=True)), (
                    path,
                    pair,
                )
                assert pair["covered"], path
    assert shown >= 8
