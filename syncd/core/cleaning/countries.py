"""Country names as forms deliver them -> ISO 3166-1 alpha-2, by exact names only."""

import re
from importlib import resources
from typing import Final

from syncd.core.cleaning.text import plain_form

_LONGEST: Final = 100
_IN_BRACKETS: Final = re.compile(r"([^()]*)\(([^()]*)\)\s*")
_DIALLING_CODE: Final = re.compile(r"\+[0-9 -]{1,8}$")
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_A: Final = 0x1F1E6


def clean_country(raw: str) -> str:
    """ISO 3166-1 alpha-2, or "" when the text is not exactly a country's name, alias or code.

    Reads English, German, French, Spanish and native names, alpha-2, alpha-3, flags, and the
    entries of drop-down lists: "Germany (+49)", "Germany +49", "Germany (Deutschland)".
    """
    text = raw.strip()
    if len(text) > _LONGEST:
        return ""
    return _code_of(text) or _code_of(_DIALLING_CODE.sub("", text)) or _of_pair(text) or _of_flag(text)


def _code_of(name: str) -> str:
    return _CODES.get(_name_key(name), "")


def _of_pair(text: str) -> str:
    """For "Germany (Deutschland)": only when the brackets say the same country, or no word at all."""
    found = _IN_BRACKETS.fullmatch(text)
    if found is None:
        return ""
    outside, inside = found.groups()
    code = _code_of(outside)
    silent = not any(char.isalpha() for char in inside)
    return code if silent or _code_of(inside) == code else ""


def _of_flag(text: str) -> str:
    if _FLAG.fullmatch(text) is None:
        return ""
    return _code_of("".join(chr(ord(char) - _FLAG_A + ord("A")) for char in text))


def _name_key(name: str) -> str:
    words = plain_form(name, join_initials=True).removeprefix("the ").split()
    return " ".join("saint" if word == "st" else word for word in words)


def _read_codes() -> dict[str, str]:
    table = resources.files("syncd.core").joinpath("data", "countries.tsv")
    codes: dict[str, str] = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            alpha_2, alpha_3, names = line.split("\t")
            codes |= dict.fromkeys(map(_name_key, (alpha_2, alpha_3, *names.split("|"))), alpha_2)
    return codes


_CODES: Final = _read_codes()
