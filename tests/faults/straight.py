"""An upload that goes straight to the object storage, as a browser sends it."""

import hashlib
import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

from tests.faults.site import Answer
from tests.faults.works import Entrant

LINE_SECONDS = 30


class StraightUpload:
    """Asks the site which parts lack, sends those to the storage, and asks for the end."""

    def __init__(self, entrant: Entrant, place: str, content: bytes) -> None:
        self.entrant, self.place, self.content = entrant, place, content
        self.refused_by_the_storage = 0

    def go_on(self, *, most: int = 1000) -> Answer:
        """Send up to so many parts, then ask for the end; return the site's last answer."""
        told = self._ask("GET", "parts")
        if told.status != 200:
            return told
        found = json.loads(told.body)
        size = found["part_bytes"]
        lacking = set(range(-(-len(self.content) // size))) - {one - 1 for one in found["here"]}
        for number in sorted(lacking)[:most]:
            part = self.content[number * size : (number + 1) * size]
            signed = self._sign(number + 1, part)
            if signed.status != 200:
                return signed
            if not _put(json.loads(signed.body), part):
                self.refused_by_the_storage += 1
                break
        return self._ask("POST", "complete")

    def _sign(self, number: int, part: bytes) -> Answer:
        asked = {"number": number, "sha256": hashlib.sha256(part).hexdigest()}
        return self._ask("POST", "parts", json.dumps(asked).encode())

    def _ask(self, method: str, what: str, body: bytes = b"") -> Answer:
        headers = {**self.entrant.headers, "Content_Type": "application/json"}
        return self.entrant.site.ask(method, f"{self.place}/{what}", body, **headers)


def _put(signed: dict[str, object], part: bytes) -> bool:
    address = urlsplit(str(signed["url"]))
    line = http.client.HTTPConnection(address.netloc, timeout=LINE_SECONDS)
    try:
        with closing(line):
            line.request("PUT", f"{address.path}?{address.query}", part, signed["headers"])
            return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
