"""Which e-mail addresses are one mailbox: pure text, no look-ups.

Folded: full-width signs (NFKC), case, international domain names (to punycode), and for the
providers in PROVIDERS what they document themselves: +tags, dots or dashes they do not read, and
several domains of one mailbox. Not folded, because it cannot be known from the text: aliases,
catch-all domains, forwarding. Throw-away domains are not refused either: lists of them are never
complete, and they would shut out people; such swarms are the fraud rules' work.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True)
class Provider:
    """How a provider reads the part before the @. All of them drop +tags."""

    domain: str = ""  # the one that stands for all its domains; "" for the address's own
    unread: str = ""  # signs it skips


PROVIDERS = {
    **dict.fromkeys(["gmail.com", "googlemail.com"], Provider("gmail.com", ".")),
    **dict.fromkeys(["proton.me", "protonmail.com", "pm.me"], Provider("proton.me", ".-_")),
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], Provider("icloud.com")),
    **dict.fromkeys(["outlook.com", "hotmail.com", "live.com", "msn.com"], Provider()),
    **dict.fromkeys(["fastmail.com", "fastmail.fm", "zoho.com"], Provider()),
}


@dataclass(frozen=True)
class Mailbox:
    """`address` is where a mail goes; `identity` is the same text for all spellings of it."""

    address: str
    identity: str


def read_mailbox(text: str) -> Mailbox:
    """Read an address as people type it. Raises ValueError when it is none."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    domain = _ascii_domain(domain)
    if not (at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("not an e-mail address")
    address = f"{local}@{domain}"
    if len(address) > LONGEST:
        raise ValueError("too long for an e-mail address")
    return Mailbox(address, _identity(local.lower(), domain))


def _ascii_domain(domain: str) -> str:
    """Return the domain in lower case and punycode; "" when it has no such form."""
    try:
        return domain.replace("。", ".").lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _identity(local: str, domain: str) -> str:
    provider = PROVIDERS.get(domain)
    if provider is None:
        return f"{local}@{domain}"
    name = local.partition("+")[0] or local
    read = name.translate(dict.fromkeys(map(ord, provider.unread))) or name
    return f"{read}@{provider.domain or domain}"
