"""Questions and answers as they stand in a notification, in one of three layouts. Pure reading, no judgement."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from syncd.core.labels import known_label, likely_label
from syncd.core.mail.pages import Line

Pair = tuple[str, str]
"""A question and its answer; text that stands under no question has an empty one."""

LONGEST_LABEL = 60
LONGEST_QUESTION = 200
MOST_PAIRS = 200
LONGEST_LINES = 64 * 1024
FARTHEST = 6  # lines between two ends that are one footer


def table_pairs(rows: Iterable[Sequence[str]]) -> list[Pair]:
    """Rows of two cells, wherever empty ones stand between; an answer may be missing."""
    found = []
    for row in rows:
        told = [cell for cell in row if cell]
        if row[0] and len(told) <= 2 <= len(row) and len(told[0]) <= LONGEST_QUESTION and "\n" not in told[0]:
            found.append((tidy_label(told[0]), told[1] if len(told) == 2 else ""))
    return found[:MOST_PAIRS]


def bold_pairs(lines: Iterable[Line]) -> list[Pair]:
    """A question is a line in bold, or a bold beginning that ends in a colon."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.is_label and len(line.text) <= LONGEST_QUESTION:
            found.append((line.text, []))
        elif start := _bold_label(line):
            found.append((start, [line.text[len(start) :].lstrip(" :\xa0")]))
        elif found:
            found[-1][1].append(line.text)
    pairs = [(tidy_label(label), "\n".join(value).strip()) for label, value in found]
    return [pair for pair in pairs if pair[1]][:MOST_PAIRS]


def _bold_label(line: Line) -> str:
    start, rest = line.text[: line.bold], line.text[line.bold :]
    is_label = start.rstrip().endswith(":") or rest.lstrip().startswith(":")
    return start if 0 < line.bold <= LONGEST_QUESTION and is_label else ""


def line_pairs(text: str, is_own: Callable[[str], bool] = lambda _: False, free: Collection[str] = ()) -> list[Pair]:
    """`is_own`: whether a template knows this question. Under `free` everything to the end belongs together.

    In what people write there are colons too: below a message only a question that is known begins anew.
    """
    found: list[tuple[str, list[str]]] = []
    for line in text[:LONGEST_LINES].split("\n"):
        label, colon, rest = line.partition(":")
        label = label.strip(" \t*_\xa0")
        above = found[-1][0] if found else ""
        if free and tidy_label(above) in free:
            found[-1][1].append(line)
        elif heading := _HEADING.fullmatch(line.strip()):
            found.append((heading[1], []))
        elif colon and _is_label(label, rest, is_own, strictly=known_label(above) == "message"):
            found.append((label, [rest.strip(" \t*\xa0")]))
        elif found and not _has_ended(found[-1], line):
            found[-1][1].append(line)
        elif line.strip():
            found.append(("", [line]))
    return _joined(found)


_HEADING = re.compile(r"-{2,3} ([^-\n]{1,60}) -{2,3}")


def _is_label(label: str, rest: str, is_own: Callable[[str], bool], *, strictly: bool) -> bool:
    if not 0 < len(label) <= LONGEST_LABEL or rest.startswith("//") or "http" in label.lower():
        return False
    if is_own(label) or known_label(label):
        return True
    if strictly or not any(char.isalpha() for char in label):
        return False
    return bool(likely_label(label)) or (label[0].isupper() and _TITLE.fullmatch(label) is not None)


_TITLE = re.compile(r"[^.,;!<>@]{1,58}[?)]?")


def _has_ended(pair: tuple[str, list[str]], line: str) -> bool:
    """An address, a name or a number is one line; behind an empty line something else begins."""
    label, value = pair
    if not label:
        return False
    short = known_label(label) not in ("", "message", "street", "subject")
    return short and bool(line.strip()) and any(value) and not value[-1].strip()


def _joined(found: Iterable[tuple[str, list[str]]]) -> list[Pair]:
    pairs = ((tidy_label(label), _RULE_BEHIND.sub("", "\n".join(value).strip())) for label, value in found)
    return [(label, value) for label, value in pairs if label or value.strip(" -_=*")][:MOST_PAIRS]


_RULE_BEHIND = re.compile(r"\n[ \t]*[-_=*]{2,100}[ \t]*\Z")
"""A line of dashes below an answer belongs to what comes next."""


def tidy_label(label: str) -> str:
    """Without what marks the end of a question, and that an answer was required."""
    return " ".join(label.split()).strip(" *:\uff1a_\xa0").removesuffix("(required)").strip(" *:")


def between(lines: Sequence[str], starts: Callable[[str], bool], ends: Callable[[str], bool]) -> tuple[int, int]:
    """The first line behind the one where answers start, and the last one before where they end.

    The end is the last one, for people may write such a line too, and what ends close before it belongs to it; so do
    dashes. `starts` and `ends` may hold nowhere.
    """
    first = next((number + 1 for number, line in enumerate(lines) if starts(line)), 0)
    last = len(lines)
    for number in range(len(lines) - 1, first - 1, -1):
        if last < len(lines) and last - number > FARTHEST:
            break
        if ends(lines[number]):
            last = number
    while first < last < len(lines) and not lines[last - 1].strip(" -_"):
        last -= 1
    return first, last
