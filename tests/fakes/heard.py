"""Calls are counted by what they do, not by the record they do it to."""

import re
from dataclasses import dataclass

from syncd.testing import Call


@dataclass(frozen=True)
class Heard(Call):
    known: str = ""

    @property
    def template(self) -> str:
        return self.known


def heard(call: Call, ids: re.Pattern[str], name: str = "/{id}") -> Heard:
    """`name` in the place of each of the ids in its path."""
    return Heard(call.method, call.path, call.query, call.body, call.headers, ids.sub(name, call.path))
