"""The HTML of a mail as lines and table rows, in time proportional to its length however hostile it is.

By events of libxml2's HTML parser and not by a tree: trees of a hundred thousand nested elements take minutes to
build elsewhere, and the parser of the standard library is quadratic in several kinds of broken markup.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

LONGEST_PAGE = 512 * 1024
MOST_LINES = 20_000
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on one line. `bold` is how much of its beginning is in bold, a heading cell or a heading."""

    text: str
    bold: int = 0

    @property
    def is_label(self) -> bool:
        return 0 < len(self.text) <= self.bold


@dataclass(frozen=True)
class Page:
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()  # cells of each table row that has no table in it; empty cells too

    @cached_property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines).strip("\n")


def read_page(html: str) -> Page:
    """What a person would see of it: nothing of what is hidden, and a quoted mail has > in front of its lines."""
    if not html.strip():
        return Page()
    reader = _Reader()
    parser = etree.HTMLParser(target=reader, encoding="utf-8", recover=True, huge_tree=False)
    with suppress(etree.LxmlError):  # what has been read so far is what there is
        parser.feed(html[:LONGEST_PAGE].replace("\x00", "").encode("utf-8", "replace"))
        parser.close()
    return reader.page()


@dataclass
class _Row:
    cells: list[str] = field(default_factory=list)
    first: int = -1  # number of the line where the open cell begins
    nested: bool = False


class _Reader:
    """Told of each tag and each text, in order; every tag that begins ends, and in the right order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.rows: list[tuple[str, ...]] = []
        self.open: list[bool] = []  # of each open tag, whether it makes bold
        self.hidden = 0  # how many open tags lie within something hidden, that one counted
        self.bold = self.quoted = self.exact = 0
        self.line: list[tuple[str, bool]] = []
        self.tables: list[_Row] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.hidden or tag in _UNSEEN or _is_hidden(attributes):
            self.hidden += 1
            return
        if tag in _BLOCKS or tag == "br":
            self._end_line(empty=tag == "br")
        bold = tag in _BOLD or _BOLD_STYLE.search(attributes.get("style", "")[:_LONGEST_STYLE]) is not None
        self.open.append(bold)
        self.bold += bold
        self._enter(tag)

    def _enter(self, tag: str) -> None:
        if tag == "table":
            if self.tables:
                self.tables[-1].nested = True
            self.tables.append(_Row())
        elif tag in ("td", "th") and self.tables:
            self.tables[-1].first = len(self.lines)
        elif tag == "blockquote":
            self.quoted += 1
        elif tag == "pre":
            self.exact += 1
        elif tag == "hr":
            self.line.append(("________________________________", False))
            self._end_line()

    def end(self, tag: str) -> None:
        if self.hidden:
            self.hidden -= 1
            return
        if tag in _BLOCKS:
            self._end_line()
        self.bold -= self.open.pop()
        self._leave(tag)

    def _leave(self, tag: str) -> None:
        if tag in ("td", "th") and self.tables:
            self._end_cell()
        elif tag == "tr" and self.tables:
            self._end_row()
        elif tag == "table" and self.tables:
            self._end_row()
            self.tables.pop()
        elif tag == "blockquote":
            self.quoted -= 1
        elif tag == "pre":
            self.exact -= 1

    def data(self, text: str) -> None:
        if self.hidden:
            return
        if not self.exact:
            self.line.append((_SPACES.sub(" ", text), self.bold > 0))
            return
        for number, piece in enumerate(text.split("\n")):
            if number:
                self._end_line(empty=True)
            self.line.append((piece, self.bold > 0))

    def close(self) -> None:
        self._end_line()

    def _end_line(self, *, empty: bool = False) -> None:
        """An empty line is kept where one was asked for, but never two."""
        runs, self.line = self.line, []
        text = "".join(piece for piece, _ in runs)
        tidy = " ".join(text.replace("\u200b", "").replace("\ufeff", "").split()) if not self.exact else text.rstrip()
        if len(self.lines) >= MOST_LINES or (not tidy and not self._may_be_empty(empty=empty)):
            return
        bold = 0 if not tidy else _bold_length(runs)
        self.lines.append(Line("> " * min(self.quoted, _DEEPEST_QUOTE) + tidy, 0 if self.quoted else bold))

    def _may_be_empty(self, *, empty: bool) -> bool:
        return empty and bool(self.lines) and bool(self.lines[-1].text.strip("> "))

    def _end_cell(self) -> None:
        row = self.tables[-1]
        if row.first >= 0:
            self._end_line()
            kept = [] if row.nested else [line.text for line in self.lines[row.first :]]
            row.cells.append("\n".join(kept).strip())
            row.first = -1

    def _end_row(self) -> None:
        self._end_cell()
        row = self.tables[-1]
        if any(row.cells) and not row.nested and len(self.rows) < MOST_ROWS:
            self.rows.append(tuple(row.cells))
        self.tables[-1] = _Row()

    def page(self) -> Page:
        self._end_line()
        return Page(tuple(self.lines), tuple(self.rows))


def _bold_length(runs: list[tuple[str, bool]]) -> int:
    """How many characters the bold beginning has, as the line is shown."""
    bold = []
    for piece, is_bold in runs:
        if not is_bold and piece.strip(" :*\xa0"):
            break
        bold.append(piece)
    text = "".join(bold)
    return len(" ".join(text.split())) if any(is_bold and piece.strip() for piece, is_bold in runs[:3]) else 0


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    """A preheader repeats what stands below it, for the list of mails alone."""
    style = attributes.get("style", "")
    return "hidden" in attributes or (bool(style) and _HIDDEN.search(style[:_LONGEST_STYLE]) is not None)


_LONGEST_STYLE = 2000
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|(?<![-\w])(?:max-height|font-size)\s*:\s*0(?:\.0+)?(?:px|pt|em|%)?\s*(?:;|$|!)",
    re.IGNORECASE,
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_DEEPEST_QUOTE = 5
_BOLD = frozenset({"b", "strong", "th", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset({"head", "title", "style", "script", "noscript", "template", "svg", "select", "textarea", "object"})
_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    html li main nav ol p pre section table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905 - three lines instead of thirty
)
