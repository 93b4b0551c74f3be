"""People, works and files for the scripts, and the look at what became of the files."""

import base64
import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

from tests.faults.account import Account
from tests.faults.site import TOKEN, Answer, Site

STREAM = "application/offset+octet-stream"


def noise(side: int, seed: int = 0) -> bytes:
    """Return a JPEG that hardly shrinks: about side² bytes."""
    from random import Random

    from PIL import Image

    picture = Image.frombytes("RGB", (side, side), Random(seed).randbytes(3 * side * side))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@dataclass
class Entrant:
    """Somebody signed in with a draft; sends files as a browser does."""

    site: Site
    headers: dict[str, str] = field(default_factory=dict)
    entry: Any = None

    @classmethod
    def with_draft(cls, site: Site, kind: str = "photo_series") -> "Entrant":
        from django.test import Client

        from tests.factories import EntryFactory, MembershipFactory, SectionFactory, open_phase

        section = SectionFactory(kind=kind, max_mb=100, max_frames=12)
        open_phase(section.edition, "call")
        member = MembershipFactory()
        entry = EntryFactory(
            section=section,
            organisation=member.organisation,
            created_by=member.user,
            frames=False,
        )
        client = Client()
        client.force_login(member.user)
        cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
        headers = {"Cookie": cookie, "X_CSRFToken": TOKEN, "Tus_Resumable": "1.0.0"}
        return cls(site, headers, entry)

    def begin(self, size: int, name: str = "photo.jpg") -> Answer:
        """Announce a file; the answer says where its bytes go."""
        named = f"filename {base64.b64encode(name.encode()).decode()}"
        more = {"Upload_Length": str(size), "Upload_Metadata": named}
        return self.site.ask("POST", f"/my/works/{self.entry.pk}/uploads/", **self.headers, **more)

    def send(self, place: str, content: bytes, at: int = 0) -> Answer:
        more = {"Upload_Offset": str(at), "Content_Type": STREAM}
        return self.site.ask("PATCH", place, content[at:], **self.headers, **more)

    def offset(self, place: str) -> int | None:
        """Ask how much is there."""
        answer = self.site.ask("HEAD", place, **self.headers)
        said = answer.header("Upload-Offset")
        return int(said) if answer.status == 200 and said else None

    def upload(self, content: bytes, name: str = "photo.jpg") -> Answer:
        """Send a whole file; return the last answer."""
        begun = self.begin(len(content), name)
        return self.send(begun.header("Location"), content) if begun.status == 201 else begun


def receive(content: bytes, name: str = "photo.jpg", rules: Any = None) -> Any:
    """Keep a file by the door that every room uses, as if it had just arrived."""
    from django.core.files.base import ContentFile

    from tests.factories import UserFactory
    from tests.media_processing.arrivals import receive_upload
    from tests.media_processing.makers import PHOTO_RULES

    return receive_upload(ContentFile(content), name, rules or PHOTO_RULES, UserFactory())


def look_at_files(account: Account, sent: dict[str, bytes]) -> None:
    """Compare what is kept and shown with what was sent: asset id -> the file's bytes."""
    from media_processing.models import Derivative, MediaAsset
    from media_processing.storage import derivatives, originals

    assets = {str(one.pk): one for one in MediaAsset.objects.filter(pk__in=sent)}
    account.missing("rows", set(sent) - set(assets))
    account.missing(
        "files not ready", [one for one in assets.values() if not one.is_ready or one.lease_until]
    )
    differ = [
        pk for pk, one in assets.items() if _content(originals(), one.original.name) != sent[pk]
    ]
    account.missing("originals lost or spoiled", differ)
    shown = list(Derivative.objects.filter(asset__in=sent))
    bare = set(sent) - {str(one.asset_id) for one in shown}
    account.missing("files without pictures", bare)
    names = {str(one.file.name) for one in shown}
    account.missing("public files lost or spoiled", [n for n in names if not _is_whole(n)])
    keys = [(one.asset_id, one.name) for one in shown]
    account.missing("derivatives made twice", len(keys) - len(set(keys)))
    account.note(files=len(sent), public_files=len(names))
    if hasattr(derivatives(), "base_location"):  # a walk through a bucket is long
        listed = _all_names(derivatives())
        account.note(public_files_nobody_names=len(listed - names))


def lose_one_on_purpose(account: Account, sent: dict[str, bytes]) -> None:
    """The control: delete an original; the same look has to miss it."""
    from media_processing.models import MediaAsset

    one = MediaAsset.objects.get(pk=next(iter(sent)))
    one.original.storage.delete(one.original.name)
    look = Account("control")
    look_at_files(look, sent)
    account.control("an original deleted", noticed=look.lost == {"originals lost or spoiled": 1})


def _is_whole(name: str) -> bool:
    from media_processing.storage import derivatives

    content = _content(derivatives(), name)
    digest = name.rsplit("/", 1)[-1].partition(".")[0]
    return content is not None and hashlib.sha256(content).hexdigest() == digest


def _content(storage: Any, name: str) -> bytes | None:
    try:
        with storage.open(name) as file:
            return bytes(file.read())
    except OSError:
        return None


def _all_names(storage: Any, folder: str = "") -> set[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return set()
    prefix = f"{folder}/" if folder else ""
    found = {f"{prefix}{name}" for name in files}
    return found.union(*(_all_names(storage, f"{prefix}{one}") for one in folders))
