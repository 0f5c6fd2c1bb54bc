"""What has changed of a sink's fields since they were looked at last, as far as it can cost a lead something."""

from collections.abc import Iterator, Mapping

from syncd.model import FieldState, Finding

SHOWN = 5  # choices that one line names
_AGAIN = "make it again, or map its values to another field; until then they stand in the note alone"
_FILL = "give it a value for new records (`fixed`), or make it optional there"
_OPEN = "let the user that syncd runs as edit it; until then its values stand in the note alone"
_TYPE = "change it back, or map its values to another field; what it cannot hold stands in the note alone"
_CHOICE = "put it on the list again, or let the config name another one; until then it stands in the note alone"


def drifted(before: Mapping[str, FieldState], now: Mapping[str, FieldState]) -> Iterator[Finding]:
    """One finding for each change of a field that syncd writes, and for each field that must be filled since."""
    for name, old in before.items():
        if name not in now and old.ours:
            yield _finding(name, "has gone", _AGAIN)
    for name, new in now.items():
        known = before.get(name)
        if new.required and not (known and known.required):
            yield _finding(name, "must be filled now", _FILL)
        if known and new.ours:
            yield from _changed(name, known, new)


def _changed(name: str, old: FieldState, new: FieldState) -> Iterator[Finding]:
    if new.type != old.type:
        yield _finding(name, f"was of type {old.type}, is {new.type} now", _TYPE)
    if old.writable and not new.writable:
        yield _finding(name, "can no longer be written", _OPEN)
    gone = sorted(set(old.choices) - set(new.choices)) if new.choices else []
    if gone:
        more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
        yield _finding(name, f"no longer a choice: {', '.join(gone[:SHOWN])}{more}", _CHOICE)


def _finding(name: str, detail: str, remedy: str) -> Finding:
    return Finding(f"change of {name}", ok=False, detail=detail, remedy=remedy)
