"""What is written into an original that is handed out, and what is taken away. Pure.

Sources: the IPTC Photo Metadata Standard 2023.2 (names in XMP and in IIM, and IIM's lengths in
bytes); the Metadata Working Group's guidance 2.0, by which a reader takes XMP before IIM when the
digest of IIM is right. So XMP has every text in full, IIM what fits.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# IIM's longest value of each, in bytes of UTF-8.
IIM_BYTES = {
    "ObjectName": 64,
    "By-line": 32,
    "Credit": 32,
    "Source": 32,
    "CopyrightNotice": 128,
    "Caption-Abstract": 2000,
    "City": 32,
    "Sub-location": 32,
    "Keywords": 64,
}
WITH_IIM = {"jpeg", "tiff"}
WITH_QUICKTIME = {"mp4", "mov"}
WITH_EXIF = {"jpeg", "tiff", "png", "webp", "heic", "avif"}
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_SOURCE = {
    "assisted": f"{VOCABULARY}compositeWithTrainedAlgorithmicMedia",
    "generated": f"{VOCABULARY}trainedAlgorithmicMedia",
}
# What says where somebody stood, whose camera it was, and what a camera keeps for itself; also
# all that others wrote in the same places, names and addresses among it.
TAKEN_AWAY = (
    "-XMP:all=",
    "-IPTC:all=",
    "-MakerNotes:all=",
    "-trailer:all=",
    "-gps*=",
    "-*SerialNumber*=",
    "-*OwnerName*=",
    "-EXIF:Artist=",
    "-EXIF:Copyright=",
    "-EXIF:ImageDescription=",
)
TAKEN_FROM_VIDEO = ("-UserData:all=", "-Keys:all=", "-ItemList:all=")
# What must not be left, as exiftool's patterns; asked of the finished file.
PRIVATE = ("-gps*", "-*SerialNumber*", "-*OwnerName*")
NAME_CHARACTERS = 60
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
_AUTHORS = re.compile(r"\s*[、,，;；/]\s*")
_PLACES = re.compile(r"\s*[·,，、]\s*|\s+")


@dataclass(frozen=True)
class Credits:
    """What is said of one work's picture. `award`: the categories' titles; `rights`: may be ""."""

    number: str
    title: str
    authors: str
    organisation: str
    rights: str
    caption: str
    place: str
    taken_on: date | None
    edition: str
    theme: str
    section: str
    awards: Sequence[str]
    ai_use: str = "none"

    @property
    def people(self) -> list[str]:
        return [name for name in _AUTHORS.split(self.authors) if name]

    @property
    def copyright(self) -> str:
        """Return the licence that the author chose, else that the work is theirs."""
        year = f"{self.taken_on.year} " if self.taken_on else ""
        return self.rights or f"© {year}{self.authors}"

    @property
    def keywords(self) -> list[str]:
        words = [self.edition, self.theme, self.section, *self.awards]
        return list(dict.fromkeys(word for word in words if word))

    @property
    def city_and_spot(self) -> tuple[str, str]:
        """Return the place's first word as the city and the rest; one word alone is a spot."""
        city, *rest = [part for part in _PLACES.split(self.place) if part] or [""]
        return (city, " ".join(rest)) if rest else ("", city)


def tags_for(credits: Credits, format_name: str) -> dict[str, Any]:
    """Return exiftool's Group:Tag -> value for a file of this format; empty values are left out."""
    tags = _xmp(credits)
    if format_name in WITH_IIM:
        tags |= _iim(credits, with_digest=format_name == "jpeg")
    if format_name in WITH_EXIF:  # a camera puts its owner's name here
        tags |= {
            "EXIF:Artist": credits.authors,
            "EXIF:Copyright": credits.copyright,
            "EXIF:ImageDescription": credits.caption,
        }
    if format_name in WITH_QUICKTIME:
        tags |= {
            "ItemList:Title": credits.title,
            "ItemList:Artist": credits.authors,
            "ItemList:Copyright": credits.copyright,
            "ItemList:Description": credits.caption,
        }
    return {name: value for name, value in tags.items() if value}


def removals_for(format_name: str) -> tuple[str, ...]:
    """Return exiftool's arguments that take away what is private."""
    is_video = format_name in WITH_QUICKTIME
    return (*TAKEN_AWAY, *TAKEN_FROM_VIDEO) if is_video else TAKEN_AWAY


def _xmp(credits: Credits) -> dict[str, Any]:
    city, spot = credits.city_and_spot
    return {
        "XMP-dc:Title": credits.title,
        "XMP-dc:Creator": credits.people,
        "XMP-dc:Rights": credits.copyright,
        "XMP-dc:Description": credits.caption,
        "XMP-dc:Subject": credits.keywords,
        "XMP-photoshop:Credit": credits.organisation,
        "XMP-photoshop:Source": credits.edition,
        "XMP-photoshop:City": city,
        "XMP-iptcCore:Location": spot,
        "XMP-photoshop:TransmissionReference": credits.number,
        "XMP-photoshop:DateCreated": _day(credits),
        "XMP-xmpRights:Marked": "True",
        "XMP-iptcExt:DigitalSourceType": AI_SOURCE.get(credits.ai_use, ""),
    }


def _iim(credits: Credits, *, with_digest: bool) -> dict[str, Any]:
    city, spot = credits.city_and_spot
    texts: dict[str, Any] = {
        "ObjectName": credits.title,
        "By-line": credits.people,
        "Credit": credits.organisation,
        "Source": credits.edition,
        "CopyrightNotice": credits.copyright,
        "Caption-Abstract": credits.caption,
        "City": city,
        "Sub-location": spot,
        "Keywords": credits.keywords,
    }
    tags: dict[str, Any] = {
        f"IPTC:{name}": [fitting(one, IIM_BYTES[name]) for one in value]
        if isinstance(value, list)
        else fitting(value, IIM_BYTES[name])
        for name, value in texts.items()
    }
    tags["IPTC:CodedCharacterSet"] = "UTF8"
    tags["IPTC:OriginalTransmissionReference"] = credits.number
    tags["IPTC:DateCreated"] = _day(credits)
    if with_digest:
        tags["Photoshop:IPTCDigest"] = "new"
    return tags


def _day(credits: Credits) -> str:
    return f"{credits.taken_on:%Y:%m:%d}" if credits.taken_on else ""


def fitting(text: str, most_bytes: int) -> str:
    """Return as much of the text's beginning as fits so many bytes of UTF-8, in whole letters."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def file_name(*parts: str) -> str:
    """Return a name that every system takes: no path, nothing invisible, of moderate length.

    "_" when nothing is left.
    """
    text = unicodedata.normalize("NFC", " ".join(part for part in parts if part))
    text = "".join(one for one in text if unicodedata.category(one)[0] != "C" or one in "\t\n\r")
    text = " ".join(_FORBIDDEN.sub("_", text).split())
    return text[:NAME_CHARACTERS].strip(" .") or "_"
