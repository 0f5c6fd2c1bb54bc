"""Ids that derive from what arrived, so that doing the work again gives the same ids."""

import hashlib


def lead_id(source: str, key: str) -> str:
    """The id of the lead that a first submission makes: "L" and 20 hexadecimal digits."""
    return f"L{_digest(source, key)}"


def task_mark(source: str, key: str) -> str:
    """Of the task that a submission asks for: "T" and the digits of its lead's id, were it a first one."""
    return f"T{_digest(source, key)}"


def note_mark(source: str, key: str) -> str:
    """Of the note with what a submission says: "N" and the same digits."""
    return f"N{_digest(source, key)}"


def _digest(source: str, key: str) -> str:
    """The length of the source keeps "a" + "bc" and "ab" + "c" apart. 80 bits: no two in a billion are alike."""
    whole = f"{len(source)} {source} {key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=10).hexdigest()
