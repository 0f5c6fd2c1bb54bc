"""What all sections of the config have in common."""

from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from syncd.config.options import inner_type, is_mapping, plain_type


class Section(BaseModel):
    """Frozen; unknown options are refused; every field carries its help text.

    An option without a value counts as left out, so that a list may be commented out below its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _read_blanks(cls, data: Any) -> Any:
        return fill_blanks(cls, data)


def fill_blanks(model: type[BaseModel], data: Any) -> Any:
    """What an option without a value means: left out, or no value where that is a value of its own.

    In a mapping of names to texts it means the empty text.
    """
    if not isinstance(data, dict):
        return data
    filled = dict(data)
    for name, option in model.model_fields.items():
        value = filled.get(name)
        if name in filled and value is None and NoneType not in get_args(option.annotation):
            del filled[name]
        elif isinstance(value, dict) and is_mapping(option.annotation):
            blank = "" if plain_type(inner_type(option.annotation)) is str else None
            filled[name] = {key: blank if each is None else each for key, each in value.items()}
    return filled
