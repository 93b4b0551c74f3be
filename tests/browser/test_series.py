"""Several files at once: each in its place, in the order in which they were chosen."""

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from competition.entries.models import Entry
from tests import factories
from tests.media_processing.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
FILES = 5


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / f"{n}.jpg" for n in range(1, FILES + 1)]
    for path in paths:
        Image.effect_noise((900, 600), 80).convert("RGB").save(path, quality=90)
    return paths


def test_a_series_begun_with_its_pictures_keeps_their_order_and_what_was_typed_meanwhile(
    page, sign_in, pictures
):
    section = factories.SectionFactory(kind="photo_series", min_frames=4, max_frames=8)
    factories.open_phase(section.edition, "call")
    sign_in(page, factories.MembershipFactory().user)
    page.goto(reverse("entry-create", args=[section.pk]))
    page.fill("[name=title]", "船坞")
    page.fill("[name=author_names]", "李四")
    page.set_input_files("#files-input", pictures)
    page.fill("[name=story]", "边传边写")
    expect(page.locator("[data-asset][data-state=received]")).to_have_count(FILES)
    expect(page.locator("[data-upload]")).to_have_count(0)
    # The page saves itself when all are in.
    expect(page.locator("#accepts-rights")).to_be_visible()

    entry = Entry.objects.get()
    assert entry.story == "边传边写"
    names = entry.frames.values_list("asset__original_name", flat=True)
    assert list(names) == [path.name for path in pictures]


def test_a_button_pressed_while_files_come_does_not_take_the_page_away(page, sign_in, pictures):
    section = factories.SectionFactory(kind="photo_series", min_frames=4, max_frames=8)
    factories.open_phase(section.edition, "call")
    member = factories.MembershipFactory()
    entry = factories.EntryFactory(
        section=section, organisation=member.organisation, created_by=member.user, frames=False
    )
    sign_in(page, member.user)
    page.goto(reverse("entry-edit", args=[entry.pk]))
    page.fill("[name=title]", "改过的题目")
    page.set_input_files("#files-input", pictures)
    page.click(".work-form__texts button[value=save]")
    expect(page.locator("[data-asset][data-state=received]")).to_have_count(FILES)
    wait_for(lambda: Entry.objects.get().title == "改过的题目")
    assert entry.frames.count() == FILES
