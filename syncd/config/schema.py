"""The config for editors, as a JSON schema, and for people, each option in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from syncd.config.entries import SECTIONS
from syncd.config.options import TWIN, as_model, inner_type, is_mapping, is_secret, plain_type
from syncd.config.settings import Settings
from syncd.errors import ConfigError
from syncd.registry import Registry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class OptionHelp:
    """One option in words. A secret may also be given as `<name>_file`, the name of a file that holds it."""

    name: str  # with its path: "basic.user", "people.<name>.email", "rules[].assign"
    type: str
    default: str  # as one would write it; "" where there is none
    required: bool
    secret: bool
    description: str
    limits: str = ""  # "1 to 16", "at least 1"


def describe_connector(registry: Registry, group: str, name: str) -> list[OptionHelp]:
    """The options of a connector, its own first, then those that all connectors of its group share.

    Raises ConfigError when there is no such connector.
    """
    common = next(model for of, model in SECTIONS.values() if of == group)
    shared = (each for each in describe_options(common) if each.name != "type")
    return [*describe_options(registry.load(group, name).options), *shared]


def describe_options(model: type[BaseModel], within: str = "") -> Iterator[OptionHelp]:
    """Every option below a model; sections are followed by their own options."""
    for name, info in model.model_fields.items():
        yield OptionHelp(
            within + name,
            _type_in_words(info.annotation),
            _in_words(info.get_default(call_default_factory=True)) if not info.is_required() else "",
            info.is_required(),
            is_secret(info.annotation),
            info.description or "",
            _limits(info),
        )
        below, section = _section_below(name, info.annotation)
        if section:
            yield from describe_options(section, f"{within}{below}.")


def _section_below(name: str, annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """The section that an option is, or that each of its entries is, and how its path is written."""
    section = as_model(annotation)
    if section:
        return name, section
    return f"{name}.<name>" if is_mapping(annotation) else f"{name}[]", as_model(inner_type(annotation))


def json_schema(registry: Registry) -> dict[str, Any]:
    """A JSON schema of the whole file, with the options of every connector that is installed.

    Numbers, truth values and texts may be written with or without quotes, and as `${NAME}`. A connector
    whose package cannot be loaded is let through unchecked.
    """
    schema = Settings.model_json_schema()
    for section, (group, common) in SECTIONS.items():
        kinds = [_entry_schema(registry, group, name, common, schema["$defs"]) for name in registry.names(group)]
        schema["properties"][section]["additionalProperties"] = {"oneOf": kinds} if kinds else False
        schema["$defs"].pop(common.__name__, None)
    return {"$schema": DIALECT, "title": "syncd", **_loose(schema)}


def _entry_schema(
    registry: Registry, group: str, name: str, common: type[BaseModel], definitions: dict[str, Any]
) -> dict[str, Any]:
    kind = {"const": name, "description": "which connector"}
    try:
        model = registry.load(group, name).options
    except ConfigError:
        return {"type": "object", "properties": {"type": kind}, "required": ["type"]}
    prefix = f"{group}.{name}."
    own = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    definitions |= {prefix + key: value for key, value in own.pop("$defs", {}).items()}
    shared = common.model_json_schema()["properties"]
    for option, info in common.model_fields.items():
        if isinstance(info.default, timedelta):
            shared[option]["default"] = _in_words(info.default)
    return {
        **own,
        "properties": {**shared, "type": kind, **own.get("properties", {})},
        "required": ["type", *own.get("required", ())],
        "additionalProperties": False,
    }


def _loose(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What people may write in YAML for the value that the schema asks for."""
    loose = {key: _loose_part(key, value) for key, value in schema.items() if not _is_noise(key, value)}
    if "properties" in loose:
        _add_twins(loose)
    if "enum" in loose:
        listed = {"enum": loose.pop("enum")}
        loose.pop("type", None)
        return {**loose, "anyOf": [listed, {"type": "string", "pattern": _REFERENCE}]}
    kind = loose.get("type")
    if isinstance(kind, str) and kind in _WRITTEN_AS:
        return {**loose, **_WRITTEN_AS[kind]}
    return loose


def _loose_part(key: str, value: Any) -> Any:
    if key in ("properties", "$defs"):
        return {name: _loose(part) for name, part in value.items()}
    if key in ("anyOf", "oneOf", "allOf"):
        return [_loose(part) for part in value]
    return _loose(value) if key in ("items", "additionalProperties") and isinstance(value, dict) else value


def _is_noise(key: str, value: Any) -> bool:
    """Names in title case, formats that a `${NAME}` has not, and defaults that hold a secret or nothing."""
    is_format = key == "format" and value != "password"
    is_default = key == "default" and (value is None or isinstance(value, dict) or _MASK in str(value))
    return key == "title" or is_format or is_default


def _add_twins(schema: dict[str, Any]) -> None:
    """Beside each secret the option that names a file for it; one of both is enough."""
    secrets = [name for name, part in schema["properties"].items() if _is_password(part)]
    for name in secrets:
        words = {"type": "string", "description": f"name of a file that holds {name}"}
        schema["properties"].setdefault(name + TWIN, words)
    needed = [name for name in secrets if name in schema.get("required", ())]
    if needed:
        schema["required"] = [name for name in schema["required"] if name not in needed]
        schema["allOf"] = [{"anyOf": [{"required": [name]}, {"required": [name + TWIN]}]} for name in needed]


def _is_password(schema: Mapping[str, Any]) -> bool:
    return any(part.get("format") == "password" for part in (schema, *schema.get("anyOf", ())))


_MASK = "****"
_REFERENCE = r"\$\{"
_WRITTEN_AS: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": ["string", "number", "boolean"]},
    "integer": {"type": ["integer", "string"], "pattern": r"^ *-?[0-9_]+ *$|\$\{"},
    "number": {"type": ["number", "string"], "pattern": r"^ *-?[0-9.]+ *$|\$\{"},
    "boolean": {
        "type": ["boolean", "string"],
        "pattern": r"^([Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE)$|\$\{",
    },
}


def _type_in_words(annotation: Any) -> str:
    kind, inner = plain_type(annotation), inner_type(annotation)
    if kind in _WORDS:
        return _WORDS[kind]
    if get_origin(kind) is Literal:
        return _either([str(each) for each in get_args(kind) if each != ""])
    if inner is not None:
        return f"{'name: ' if is_mapping(kind) else 'list of '}{_type_in_words(inner)}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _either([str(each) for each in kind])
    return "section" if as_model(kind) else "text"


def _limits(info: FieldInfo) -> str:
    """Of a number; how long a text may be shows itself when it is wrong."""
    said = {name: getattr(each, name) for each in info.metadata for name in ("ge", "le", "lt") if hasattr(each, name)}
    low, high = said.get("ge"), said.get("le", said.get("lt"))
    if low is None or high is None:
        return "" if low is None and high is None else f"at least {low}" if high is None else f"at most {high}"
    return f"{low} to {'below ' if 'le' not in said else ''}{high}"


def _either(words: list[str]) -> str:
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"


_WORDS: Mapping[Any, str] = {
    bool: "yes or no",
    int: "whole number",
    float: "number",
    timedelta: "time, as 5 min",
    date: "day, as 2026-12-24",
    Path: "file or folder, from this file's folder on",
    tuple[date, date]: "days, as 2026-12-24..2026-12-31",
    Any: "section",
}


def _in_words(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, timedelta):
        return _duration(default)
    if isinstance(default, list | tuple):
        return f"[{', '.join(map(_in_words, default))}]" if default else ""
    empty = default is None or isinstance(default, BaseModel | Mapping)
    return "" if empty else str(default)


def _duration(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for size, word in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
