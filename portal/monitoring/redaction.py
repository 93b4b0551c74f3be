"""What may not be told to a log or an error service, and what stands in its place."""

import re
from typing import Any

HIDDEN = "…"
# A password in an address, a mail address, what opens a door by being known. Strangers write what
# is logged, so each ends in a time that grows with the text only.
_IN_A_URL = re.compile(r"(://)[^/\s:@]*:[^/\s@]*@")
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_IN_A_QUERY = re.compile(
    r"([?&;](?:token|key|code|state|secret|signature|sig|x-amz-[\w-]+)=)[^&\s\"'>]+", re.IGNORECASE
)
_IN_A_PATH = re.compile(
    r"(/(?:originals|packages|organisations/invitations|notice/[^/\s]+/objections"
    r"|confirm-email|password/reset/key|password_reset/confirm)/)"
    r"(?!new/)[^\s\"'?>]+"
)


def without_secrets(text: str) -> str:
    """Return the text without mail addresses, passwords and the tokens of links."""
    for secret in (_IN_A_URL, _IN_A_QUERY, _IN_A_PATH):
        text = secret.sub(rf"\1{HIDDEN}", text)
    return _MAIL.sub(HIDDEN, text)


def all_without_secrets(value: Any) -> Any:
    """Return lists and dictionaries with every text in them redacted; other values as they are."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {key: all_without_secrets(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [all_without_secrets(one) for one in value]
    return value
