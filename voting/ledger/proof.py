"""The proof that a vote is among those sealed: made on the site, checked anywhere."""

from collections.abc import Sequence
from typing import Any

from .lines import BallotLine, leaf_bytes
from .receipts import parse_receipt, receipt_digest, receipt_text
from .tree import leaf_hash, root_by_path


def proof_of(
    ballot: BallotLine,
    *,
    edition: str,
    batch: int,
    leaf: int,
    size: int,
    root: str,
    path: Sequence[bytes],
) -> dict[str, Any]:
    """Return the proof as it is downloaded: `leaf` of the `size` leaves under batch's `root`."""
    return {
        "edition": edition,
        "batch": batch,
        "leaf": leaf,
        "size": size,
        "root": root,
        "ballot": {
            "entry": ballot.entry,
            "hour": ballot.hour,
            "pseudonym": ballot.pseudonym,
            "receipt": ballot.receipt,
        },
        "path": [one.hex() for one in path],
    }


def check_proof(proof: Any, *, receipt: str, root: str = "") -> str:
    """Return what is wrong with the proof of this receipt as a sentence; "" when nothing is.

    `root` is the one published for the batch; without it the proof is checked against its own.
    """
    try:
        text = receipt_text(*parse_receipt(receipt))
    except ValueError:
        return "This is no receipt."
    try:
        ballot = {key: str(value) for key, value in proof["ballot"].items()}
        leaf = leaf_hash(leaf_bytes(**ballot))
        path = [bytes.fromhex(one) for one in proof["path"]]
        found = root_by_path(leaf, proof["leaf"], proof["size"], path).hex()
        stated = str(proof["root"])
        named = ballot["receipt"], proof["batch"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return "The proof is damaged."
    if receipt_digest(text) != named[0]:
        return "The proof is of another receipt."
    if found != stated:
        return "The path does not lead to the root that the proof states."
    if root and root.lower() != found:
        return f"The root is {found}, not {root}."
    return ""
