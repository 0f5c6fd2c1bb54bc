"""Webhooks as their providers tell of them, where an API manages them."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from syncd.errors import Retryable
from syncd.wire.answering import Json
from syncd.wire.answers import objects_in
from syncd.wire.options import SourceOptions
from syncd.wire.values import at_path


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


def hooks_told(provider: str, answer: Any, path: str) -> list[Json]:
    """The list at this path, or that it is. Raises Retryable where there is none: an answer nobody can read, taken for
    empty, would have one more made.
    """
    told = at_path(answer, path) if path else answer
    if not isinstance(told, list):
        raise Retryable(f"{provider}: webhooks answered, but no list at {path or 'the top'}")
    return objects_in(told)


def same_address(one: str, other: str) -> bool:
    """Whether what is posted to either comes to the same source: a token may stand in the path or in the query."""
    return _whole(one) == _whole(other)


def _whole(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    token = parse_qs(parts.query).get("token", [])
    return parts.scheme, parts.netloc.lower(), "/".join([parts.path.rstrip("/"), *token])
