"""Reads a Dockerfile as far as ours goes: stages, and instructions in exec form or as plain words."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    word: str  # "RUN", "COPY", ...
    rest: str

    def words(self) -> list[str]:
        """The exec form. Raises ValueError for a shell's line, which ours has nowhere."""
        found: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return found


def stages(path: Path) -> list[list[Line]]:
    """The instructions of each stage, its FROM first."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    lines = [
        Line(*parts) for joined in re.sub(r"\\\n\s*", "", text).splitlines() if len(parts := joined.split(None, 1)) == 2
    ]
    found: list[list[Line]] = []
    for line in lines:
        if line.word == "FROM":
            found.append([])
        if found:
            found[-1].append(line)
    return found


def environment(stage: list[Line]) -> dict[str, str]:
    pairs = (pair.partition("=") for line in stage if line.word == "ENV" for pair in shlex.split(line.rest))
    return {name: value for name, _, value in pairs}


def only(stage: list[Line], word: str) -> Line:
    (line,) = [line for line in stage if line.word == word]
    return line
