"""Reads Settings even from a broken file, so that one run finds the problems of all sections."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from pydantic import ValidationError

from syncd.config.problems import Complaint, Path
from syncd.config.settings import CONFIG_VERSION, Settings
from syncd.config.wording import complaints_of

_NAMED = ("hours", "people", "pools", "sources", "sinks", "alerts")
_NOBODY = "stand-in"


def read_settings(data: dict[str, Any]) -> tuple[Settings | None, list[Complaint], frozenset[Path]]:
    """The settings, what is wrong with them, and the paths that hold a stand-in for something wrong.

    The settings of a file with complaints serve for finding further problems and for nothing else; None
    when not even that is possible.
    """
    try:
        return Settings.model_validate(data), [], frozenset()
    except ValidationError as error:
        complaints = complaints_of(error, Settings, data)
    broken = {_part(complaint.path, data): complaint for complaint in complaints}
    try:
        return Settings.model_validate(_mended(data, broken)), complaints, frozenset(broken)
    except ValidationError:
        return None, complaints, frozenset(broken)


def _part(path: Path, data: dict[str, Any]) -> Path:
    """What has to be replaced: one named entry, one rule, one field, or the whole section."""
    inside = data.get(str(path[0])) if path else None
    by_name = isinstance(inside, dict) and path[0] in (*_NAMED, "fields")
    by_number = isinstance(inside, list) and path[0] == "rules"
    return path[:2] if by_name or by_number else path[:1]


def _mended(data: dict[str, Any], broken: Mapping[Path, Complaint]) -> dict[str, Any]:
    by_parts = {path[0] for path in broken if len(path) == 2}  # one that has but broken entries is too short besides
    mended = {key: copy(value) for key, value in data.items() if key in by_parts or (key,) not in broken}
    for path, complaint in broken.items():
        if len(path) == 2:
            section, key = path
            bad_name = complaint.at_key and complaint.path == path
            stand_in = None if bad_name else _stand_in(str(section), key, mended[str(section)])
            if stand_in is None:
                mended[str(section)].pop(key)
            else:
                mended[str(section)][key] = stand_in
    return {**_least(), **mended}


def _stand_in(section: str, key: str | int, entries: Any) -> dict[str, Any] | None:
    """Something valid in the place of an entry; None where it can be left out."""
    stand_ins: dict[str, dict[str, Any]] = {
        "hours": {"week": {"daily": "00:00-24:00"}},
        "people": {"name": _NOBODY, "email": "stand-in@example.com"},
        "pools": {"members": {_NOBODY: 1}},
        "rules": _rule(key, entries),
    }
    return None if section == "fields" else stand_ins.get(section, {"type": _NOBODY})


def _rule(index: str | int, rules: Any) -> dict[str, Any]:
    """With the name and the condition of the broken one, so that the order of the rules can be checked."""
    broken = rules[index] if isinstance(rules[index], dict) else {}
    name = broken.get("name")
    rule: dict[str, Any] = {
        "name": name if name and isinstance(name, str) else f"{_NOBODY} {index}",
        "assign": _NOBODY,
    }
    if "when" in broken:
        rule["when"] = broken["when"] or {"source": f"{_NOBODY} {index}"}
    return rule


def _least() -> dict[str, Any]:
    """What stands for sections that have to be there."""
    return {
        "version": str(CONFIG_VERSION),
        "company": {"name": _NOBODY, "country": "DE", "zone": "UTC"},
        "people": {},
        "sources": {_NOBODY: {"type": _NOBODY}},
        "sinks": {_NOBODY: {"type": _NOBODY}},
        "rules": [{"name": _NOBODY, "assign": _NOBODY}],
    }
