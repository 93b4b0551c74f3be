"""What a fault cost: things looked for and not found, each counted."""

import json
import time
from collections.abc import Collection


class Account:
    """Collects what is lost; the last words of a script are its `close`."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.begun = time.monotonic()
        self.looked_for: dict[str, int] = {}
        self.facts: dict[str, object] = {}
        self.blind: list[str] = []

    def missing(self, what: str, found: Collection[object] | int) -> None:
        """Enter how many of `what`, which words a loss, were found. Nothing is what we hope for."""
        number = found if isinstance(found, int) else len(found)
        self.looked_for[what] = self.looked_for.get(what, 0) + number

    def note(self, **facts: object) -> None:
        """Enter what was seen on the way."""
        self.facts |= facts

    def control(self, what: str, *, noticed: bool) -> None:
        """Enter whether a loss made on purpose was noticed: who is blind proves nothing."""
        self.note(**{f"control, {what}": "noticed" if noticed else "NOT NOTICED"})
        if not noticed:
            self.blind.append(what)

    @property
    def lost(self) -> dict[str, int]:
        return {what: number for what, number in self.looked_for.items() if number}

    def close(self) -> int:
        """Print what was lost, then all of it as one JSON object; return the exit code."""
        words = ", ".join(f"{number} {what}" for what, number in self.lost.items())
        seconds = round(time.monotonic() - self.begun)
        print(f"{self.fault}: lost: {words or 'nothing'}", flush=True)
        found = {"fault": self.fault, "lost": self.lost, "looked_for": self.looked_for}
        print(json.dumps(found | {"facts": self.facts, "seconds": seconds}, default=str))
        return 1 if self.lost or self.blind else 0
