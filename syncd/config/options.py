"""Looks into pydantic models: which option stands at a path, and which options are secrets."""

from collections.abc import Collection, Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from syncd.config.problems import Path

TWIN = "_file"


def option_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """The option at a path below the model; None where no option stands, as for the items of a list."""
    return _walk(model, path)[0]


def section_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model of the section at a path below the model; None where no section stands."""
    return as_model(_walk(model, path)[1])


def option_names(model: type[BaseModel]) -> list[str]:
    """Everything that may stand in a section, with the `_file` twins of its secrets."""
    return [*model.model_fields, *(twin for _, twin in twins(model))]


def twins(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Each secret option with the option that names a file for it."""
    for name, info in model.model_fields.items():
        if plain_type(info.annotation) is SecretStr and name + TWIN not in model.model_fields:
            yield name, name + TWIN


def is_secret(annotation: Any) -> bool:
    """Whether a secret stands anywhere in a value of this type."""
    return annotation is SecretStr or any(map(is_secret, get_args(annotation)))


def plain_type(annotation: Any) -> Any:
    """The type without its annotations, and without None."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return plain_type(next(kind for kind in get_args(annotation) if kind is not NoneType))
    return annotation


def as_model(annotation: Any) -> type[BaseModel] | None:
    kind = plain_type(annotation)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def inner_type(annotation: Any) -> Any:
    """The type of the entries of a mapping, list or set; None for anything else."""
    kind = plain_type(annotation)
    origin = get_origin(kind)
    inner = [each for each in get_args(kind) if each is not ...]
    return inner[-1] if inner and isinstance(origin, type) and issubclass(origin, Collection) else None


def is_mapping(annotation: Any) -> bool:
    origin = get_origin(plain_type(annotation))
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _walk(model: type[BaseModel], path: Path) -> tuple[FieldInfo | None, Any]:
    """The option and the type at a path."""
    option: FieldInfo | None = None
    inside: Any = model
    for part in path:
        section = as_model(inside)
        if section:
            option = section.model_fields.get(str(part))
            inside = option.annotation if option else None
        else:
            option, inside = None, inner_type(inside)
    return option, inside
