"""Ids that derive from what arrived, so that doing the work again gives the same ids."""

import base64
import hashlib


def lead_id(source: str, key: str) -> str:
    """The id of the lead that a first submission makes: "L" and 16 letters and digits."""
    return "L" + _digest("lead", source, key)[:16]


def task_mark(source: str, key: str) -> str:
    return "T" + _digest("task", source, key)[:20]


def note_mark(source: str, key: str) -> str:
    return "N" + _digest("note", source, key)[:20]


def _digest(*parts: str) -> str:
    whole = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return base64.b32encode(hashlib.sha256(whole).digest()).decode("ascii").lower()
