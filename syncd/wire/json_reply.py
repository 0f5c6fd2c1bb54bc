"""What a service answered to a call that it took, or of which it judged what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

F = TypeVar("F")


@dataclass(frozen=True)  # no slots: `JsonReply[Fault](...)` could not be called then
class JsonReply(Generic[F]):
    """`fault` is what the service has against a call that is not `ok`, in the connector's words."""

    status: int
    body: Any  # JSON, None for what is none
    fault: F

    @property
    def ok(self) -> bool:
        return self.status // 100 == 2

    @property
    def row(self) -> Mapping[str, Any]:
        """The object that was answered; empty where none was."""
        return self.body if self.ok and isinstance(self.body, dict) else {}

    @property
    def id(self) -> str:
        """Of the object that was answered; empty where it names none."""
        return self.named("id")

    def named(self, name: str) -> str:
        """A text, or a whole number as one, of the object that was answered; empty where there is none."""
        value = self.row.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
