"""Cells of a workbook as a person reads them: leading zeros stay, dates are days, numbers lose no digit."""

import re
from datetime import date, datetime, time, timedelta

_SKIPPED = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours and languages, room and filling
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_DIGITS = re.compile(r"([#?0,]*)(?:\.([#?0]*))?(%?)")
_AROUND = re.compile(r"([+\s]*)(.*?)(\s*)", re.DOTALL)
_MOST_PLACES = 15  # what a workbook itself keeps of a number


def shown(value: object, form: str = "General") -> str:
    """`form`: the number format. Days are written 2026-03-02, whatever the format, for the order of day and month is
    nobody's guess then; empty for what has no text.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _number(value, form)
    return "" if value is None else str(value)


def _moment(value: datetime) -> str:
    """Floating point leaves some microseconds over."""
    whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return whole.date().isoformat() if whole.time() == time() else whole.isoformat(" ")


def _number(value: float, form: str) -> str:
    before, digits, after = _taken_apart(form.split(";", maxsplit=1)[0])
    found = _DIGITS.fullmatch(digits)
    if found is None or digits in ("", "."):
        return _plain(value)
    whole, places, percent = found[1], len(found[2] or ""), found[3]
    if percent:
        return f"{before}{_rounded(value * 100, places)}%{after}"
    text = _rounded(value, places) if "." in digits and "0" in (found[2] or "") else _plain(value)
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    head, dot, tail = text.partition(".")
    return f"{sign}{before}{head.zfill(whole.count('0'))}{dot}{tail}{after}"


def _taken_apart(form: str) -> tuple[str, str, str]:
    """Literal text, the pattern of digits, literal text; no pattern where text stands among the digits."""
    bare = _SKIPPED.sub("", form)
    pieces, at = [], 0
    for found in _LITERAL.finditer(bare):
        pieces += [(bare[at : found.start()], False), (found[1] or found[2] or "", True)]
        at = found.end()
    pieces.append((bare[at:], False))
    patterns = [place for place, (text, literal) in enumerate(pieces) if text and not literal]
    if len(patterns) != 1:
        return "", "", ""
    here = patterns[0]
    signs, pattern, room = _AROUND.fullmatch(pieces[here][0]).groups()  # type: ignore[union-attr]  # matches anything
    before = "".join(text for text, _ in pieces[:here]) + signs
    return before, pattern, room + "".join(text for text, _ in pieces[here + 1 :])


def _plain(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{_MOST_PLACES}g}"
    return str(int(value)) if value.is_integer() and abs(value) < 10**_MOST_PLACES else text


def _rounded(value: float, places: int) -> str:
    return f"{value:.{places}f}"
