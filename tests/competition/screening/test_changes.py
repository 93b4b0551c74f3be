"""What changed between two revisions: the marks give back both texts, and both rows of frames."""

from hypothesis import given
from hypothesis import strategies as st

from competition.screening.changes import Change, compare_frames, compare_texts

SAME, ADDED, REMOVED, MOVED = Change.SAME, Change.ADDED, Change.REMOVED, Change.MOVED
texts = st.text(alphabet="晨光，。照 片ab12\n<&>", max_size=80)


def side(marks, change):
    return "".join(mark.text for mark in marks if mark.change in (SAME, change))


@given(texts, texts)
def test_the_marks_give_back_both_texts(old, new):
    marks = compare_texts(old, new)
    assert (side(marks, REMOVED), side(marks, ADDED)) == (old, new)


@given(texts)
def test_what_did_not_change_is_one_stretch(text):
    assert [mark.change for mark in compare_texts(text, text)] == ([SAME] if text else [])


def test_chinese_is_compared_by_character_and_english_by_word():
    marks = compare_texts("夜班的灯, night shift", "夜班的光, day shift")
    assert [(mark.change.value, mark.text) for mark in marks] == [
        ("same", "夜班的"),
        ("removed", "灯"),
        ("added", "光"),
        ("same", ", "),
        ("removed", "night"),
        ("added", "day"),
        ("same", " shift"),
    ]


frames = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(frames, frames)
def test_frames_that_stayed_keep_their_order_and_the_others_are_told(old, new):
    gone, come = compare_frames(old, new)
    assert {o for o, c in zip(old, gone, strict=True) if c == REMOVED} == set(old) - set(new)
    assert {n for n, c in zip(new, come, strict=True) if c == ADDED} == set(new) - set(old)
    stayed = [o for o, c in zip(old, gone, strict=True) if c == SAME]
    assert stayed == [n for n, c in zip(new, come, strict=True) if c == SAME]


def test_one_picture_put_first_is_the_one_that_moved():
    assert compare_frames("abcd", "dabc") == (
        [SAME, SAME, SAME, MOVED],
        [MOVED, SAME, SAME, SAME],
    )
