"""Chinese without gaps: our texts have theirs, and so has what Wagtail does not say in Chinese."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings

OURS, ADDED = (Path(path) for path in settings.LOCALE_PATHS)
WAGTAIL = Path(find_spec("wagtail").origin).parent


def texts(*folders: Path, language: str = "zh_Hans") -> dict[tuple[str | None, str], Message]:
    """Return the folders' messages by context and English (of two forms, the first)."""
    found = {}
    for folder in folders:
        with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as file:
            for message in read_po(file):
                english = message.id if isinstance(message.id, str) else message.id[0]
                found[message.context, english] = message
    del found[None, ""]
    return found


def wagtails(language: str) -> dict[tuple[str | None, str], Message]:
    return texts(*(path.parent for path in WAGTAIL.rglob(f"locale/{language}")), language=language)


def is_said(message: Message) -> bool:
    forms = [message.string] if isinstance(message.string, str) else message.string
    return all(forms) and not message.fuzzy


@pytest.mark.parametrize("folder", [OURS, ADDED], ids=lambda folder: folder.name)
def test_every_text_has_its_chinese(folder):
    assert [text for text, one in texts(folder).items() if not is_said(one)] == []


def test_what_is_added_for_wagtail_is_what_it_has_and_does_not_say_itself():
    added = texts(ADDED).keys()
    assert added - wagtails("en").keys() == set()
    said = {text for text, one in wagtails("zh_Hans").items() if is_said(one)}
    assert said & added == set()
    assert added & texts(OURS).keys() == set()
