"""Webhooks as their providers tell of them, where an API manages them."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from syncd.wire.options import SourceOptions


@dataclass(frozen=True, slots=True)
class Hook:
    """One that the provider knows. What it posts beside submissions does not matter."""

    id: str
    url: str = ""  # where it posts to; empty where the provider does not tell
    active: bool = True  # posts submissions: it is on, and nothing of what is needed is left out
    events: tuple[str, ...] = ()


class HookedSourceOptions(SourceOptions):
    """The options of a source whose provider lets programs look at its webhooks."""

    hooks: Literal["look", "keep", "no"] = Field(
        "look",
        description="look: tell when the provider's webhook is gone or off; keep: set it up again; no: neither",
    )
