"""What pydantic found, in the words of this config: one complaint per error, with the option's own help."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from syncd.config.options import option_at, option_names, section_at
from syncd.config.problems import Complaint, Path, did_you_mean

_NO_MAPPING = "should hold options (name: value)"
_NO_LIST = "should be a list, as [a, b]"
_SHAPES = {
    "string_type": "should be a single value",
    "model_type": _NO_MAPPING,
    "model_attributes_type": _NO_MAPPING,
    "dict_type": _NO_MAPPING,
    "mapping_type": _NO_MAPPING,
    "list_type": _NO_LIST,
    "tuple_type": _NO_LIST,
    "set_type": _NO_LIST,
    "frozen_set_type": _NO_LIST,
}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "date": "a day; write it as 2026-12-24",
    "datetime": "a time; write it as 2026-12-24T09:00:00Z",
}


def complaints_of(
    error: ValidationError, model: type[BaseModel], data: Any, at: Path = (), also: Sequence[str] = ()
) -> list[Complaint]:
    """One complaint for each error of validating `data`, which stands at the path `at` of the file.

    `also`: further options that may stand beside those of the model.
    """
    return [_complaint(details, model, data, at, also) for details in error.errors(include_url=False)]


def _complaint(details: ErrorDetails, model: type[BaseModel], data: Any, at: Path, also: Sequence[str]) -> Complaint:
    path = _real_path(details, data)
    kind = details["type"]
    if kind == "missing":
        return Complaint((*at, *path), _with_help("missing", model, path))
    if kind == "extra_forbidden":
        section = section_at(model, path[:-1])
        known = [*(option_names(section) if section else ()), *(also if len(path) == 1 else ())]
        return Complaint((*at, *path), f"unknown option{did_you_mean(str(path[-1]), known)}", at_key=True)
    if details["input"] is None:
        return Complaint((*at, *path), _with_help("is empty", model, path))
    return Complaint((*at, *path), _words(details), at_key=details["loc"][-1:] == ("[key]",))


def _real_path(details: ErrorDetails, data: Any) -> Path:
    """The location without what pydantic adds of its own: names of types and marks of keys."""
    path: list[str | int] = []
    *inside_of, last = details["loc"] or ("",)
    missing = details["type"] == "missing"
    for part in inside_of if missing else details["loc"]:
        inside = isinstance(data, Mapping) and part in data
        inside = inside or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        if inside:
            path.append(part)
            data = data[part]
    return (*path, last) if missing else tuple(path)


def _with_help(message: str, model: type[BaseModel], path: Path) -> str:
    option = option_at(model, path)
    return f"{message} - {option.description}" if option and option.description else message


def _words(details: ErrorDetails) -> str:
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    shown = f'"{given}"' if isinstance(given, str | int | float) else "this"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        known = [word.strip("' ") for word in context["expected"].replace(" or ", ", ").split(",")]
        return f"{shown} is not one of {', '.join(known)}{did_you_mean(str(given), known)}"
    if kind in ("too_short", "string_too_short"):
        unit = "characters" if isinstance(given, str) else "entries"
        return f"should have at least {context['min_length']} {unit}" if given else "is empty"
    expected = _KINDS.get(kind.partition("_")[0])
    plain = details["msg"].removeprefix("Input ").removeprefix("Value ")
    return _SHAPES.get(kind) or (f"{shown} is not {expected}" if expected else plain)
