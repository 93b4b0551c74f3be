"""Texts that exist in two languages: the first (zh-Hans) in `field`, English in `field_en`."""

from typing import Any

from django.utils.translation import get_language


class TranslatedText:
    """Reads `<field>_en` on an English page when it is filled, else `<field>`.

    >>> class Section: local_title = TranslatedText("title")
    """

    def __init__(self, field: str) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if (get_language() or "").startswith("en"):
            return getattr(instance, f"{self.field}_en") or getattr(instance, self.field)
        return getattr(instance, self.field)
