"""YAML as plain text values with their places: no types are guessed, nothing is silently overwritten.

Every scalar stays the text that was written (`NO`, `01234` and `12:30` too); the options give the types.
Only an empty value, `~` and `null` without quotes become None, "not given". Refused: a key given twice, tags,
merge keys, a second document, and more than the limits below.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from syncd.config.problems import Complaint, ConfigErrors, Path, Problem, dotted

MAX_DEPTH = 40
MAX_ALIASES = 50
MAX_VALUES = 100_000  # with every alias written out

Data = str | None | list["Data"] | dict[str, "Data"]


class Position(NamedTuple):
    """Both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Tree:
    """One document. An aliased value has the places of its anchor."""

    data: Data
    positions: Mapping[Path, Position]  # of values
    keys: Mapping[Path, Position]
    problems: tuple[Problem, ...]  # what could be read around: a key given twice, a tag
    file: str

    def problem(self, complaint: Complaint) -> Problem:
        """The complaint with its place; a path that the file lacks has the place of its nearest parent."""
        line, column = self._place(complaint.path, at_key=complaint.at_key)
        return Problem(self.file, line, column, dotted(complaint.path), complaint.message)

    def _place(self, path: Path, *, at_key: bool) -> Position:
        if path in self.positions and not at_key:
            return self.positions[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.positions:
                return self.positions[path]
            path = path[:-1]
        return Position(1, 1)


def read_yaml(text: str, file: str) -> Tree:
    """Read one document; `file` is the name that problems show.

    Raises ConfigErrors where the text is not YAML or is over a limit.
    """
    _refuse_unprintable(text, file)
    reader = _Reader(file, yaml.parse(text, Loader=_LOADER))
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        raise ConfigErrors([*reader.problems, _syntax_problem(error, text, file)]) from None
    return Tree(data, reader.positions, reader.keys, tuple(reader.problems), file)


@dataclass(slots=True)
class _Reader:
    """Turns the parser's events into values, keeping the place of each."""

    file: str
    events: Iterator[Any]
    positions: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Path, Data]] = field(default_factory=dict)  # only finished ones
    open_anchors: set[str] = field(default_factory=set)
    aliases: int = 0

    def document(self) -> Data:
        data: Data = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and self.positions:
                raise self._fatal(event, (), "a second document begins here; a config is a single one")
            if isinstance(event, yaml.NodeEvent):
                data = self._value(event, ())
        return data

    def _value(self, event: Any, path: Path) -> Data:
        if isinstance(event, yaml.AliasEvent):
            return self._repeat(event, path)
        if len(path) > MAX_DEPTH:
            raise self._fatal(event, path[:3], f"nested deeper than {MAX_DEPTH} levels")
        self._place(event, path)
        if event.tag is not None:
            self._complain(event, path, "tags (!) are not understood; write the plain value")
        if event.anchor:
            self.anchors.pop(event.anchor, None)
            self.open_anchors.add(event.anchor)
        data = self._content(event, path)
        if event.anchor:
            self.anchors[event.anchor] = path, data
            self.open_anchors.discard(event.anchor)
        return data

    def _content(self, event: Any, path: Path) -> Data:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Data] = []
            while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
                items.append(self._value(item, (*path, len(items))))
            return items
        plain = event.style in (None, "")
        return None if plain and event.value in _NOT_GIVEN else str(event.value)

    def _mapping(self, path: Path) -> dict[str, Data]:
        entries: dict[str, Data] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, path, entries)
            if key is None:
                self._skip(next(self.events))
            else:
                entries[key] = self._value(next(self.events), (*path, key))
        return entries

    def _key(self, event: Any, path: Path, entries: Mapping[str, Data]) -> str | None:
        """The key, or None when its entry cannot be used; then the complaint is noted."""
        if not isinstance(event, yaml.ScalarEvent):
            self._complain(event, path, "a key must be a plain word")
            self._skip(event)
            return None
        key, here = str(event.value), (*path, str(event.value))
        if not key:
            self._complain(event, path, "a key is empty")
        elif key == "<<":
            self._complain(event, path, "merge keys (<<) are not understood; write the entries out")
        elif key in entries:
            self._complain(event, here, f"given twice; the first is on line {self.keys[here].line}")
        else:
            self.keys[here] = _position(event)
            return key
        return None

    def _repeat(self, event: Any, path: Path) -> Data:
        """The value of an alias; its places are those of the anchor."""
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self._fatal(event, path, f"more than {MAX_ALIASES} aliases (*)")
        if event.anchor not in self.anchors:
            inside = event.anchor in self.open_anchors
            words = "stands inside its own anchor" if inside else "has no anchor above it"
            raise self._fatal(event, path, f"the alias *{event.anchor} {words}")
        anchored, data = self.anchors[event.anchor]
        depth = len(anchored)
        for places in (self.positions, self.keys):
            inside_anchor = [(at, place) for at, place in places.items() if at[:depth] == anchored]
            for at, place in inside_anchor:
                places.setdefault((*path, *at[depth:]), place)
        self._check_size(event, path)
        return data

    def _skip(self, event: Any) -> None:
        """Read over one value that has no key to stand under."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return
            event = next(self.events)

    def _place(self, event: Any, path: Path) -> None:
        self.positions[path] = _position(event)
        self._check_size(event, path)

    def _check_size(self, event: Any, path: Path) -> None:
        if len(self.positions) > MAX_VALUES:
            raise self._fatal(event, path, f"more than {MAX_VALUES} values")

    def _complain(self, event: Any, path: Path, message: str) -> None:
        line, column = _position(event)
        self.problems.append(Problem(self.file, line, column, dotted(path), message))

    def _fatal(self, event: Any, path: Path, message: str) -> ConfigErrors:
        self._complain(event, path, message)
        return ConfigErrors(self.problems)


def _position(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


def _refuse_unprintable(text: str, file: str) -> None:
    found = _UNPRINTABLE.search(text)
    if found:
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        message = f"the character U+{ord(found[0]):04X} cannot stand in YAML"
        raise ConfigErrors([Problem(file, line, column, "", message)])


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark: Any = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    return Problem(file, line + 1, column + 1, "", f"not YAML: {_reason(error, here, here[column:])}")


def _reason(error: yaml.MarkedYAMLError, here: str, rest: str) -> str:
    """In plain words, by the line and the rest of it where the parser stopped."""
    problem, context = error.problem or "cannot be read", error.context or ""
    if "flow" in context and "${" in here:
        return "inside { } and [ ] a value with ${...} needs quotes"
    if rest.startswith("\t"):
        return "a tab; indent with spaces"
    if "start any token" in problem and rest:
        return f"a value that begins with {rest[0]} needs quotes"
    if "mapping values are not allowed" in problem:
        return "a second colon on this line, or wrong indentation; quote values that hold a colon and a space"
    mark: Any = error.context_mark
    began = f" that begins on line {mark.line + 1}" if context and mark else ""
    return f"{problem} {context}{began}".strip()


_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C parser where PyYAML was built with it
_NOT_GIVEN = ("", "~", "null", "Null", "NULL")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
