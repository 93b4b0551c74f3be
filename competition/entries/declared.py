"""What a work made of several says of AI and of people: what asks most of it. Pure."""

from collections.abc import Iterable, Sequence

# From what asks least to what asks most; "" is not said yet.
AI_USE = ("none", "assisted", "generated")
PORTRAITS = ("none", "consented")


def strongest(said: Iterable[str], order: Sequence[str]) -> str:
    """Return what asks most of all that is said; "" where one of them says nothing."""
    said = list(said)
    return max(said, key=order.index) if said and all(said) else ""


def joined_notes(notes: Iterable[str]) -> str:
    """Return the notes one after the other, each once."""
    return "；".join(dict.fromkeys(note.strip() for note in notes if note.strip()))
