"""A sink in front of a fake of its service, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar

from syncd.connector import Plugin, Tools
from syncd.testing import FakeClock

FakeT = TypeVar("FakeT")
SinkT = TypeVar("SinkT")

ANNA, BEN = "anna@sales.example", "ben@sales.example"


@dataclass
class SinkWorld(Generic[FakeT, SinkT]):
    """`given`: options of the sink that the tests use. The account is prepared for it."""

    plugin: ClassVar[Plugin[Any]]

    fake: Any
    clock: FakeClock
    tools: Tools
    given: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.another_sink(**self.given).prepare(apply=True)
        self.sink = self.another_sink(**self.given)

    def login(self) -> Mapping[str, Any]:
        """Options without which there is no sink: the address and who asks."""
        raise NotImplementedError

    def another_sink(self, **options: Any) -> SinkT:
        """As after a restart, with these options."""
        made: SinkT = self.plugin.make(self.plugin.options.model_validate({**self.login(), **options}), self.tools)
        return made

    def advance(self, **time: float) -> None:
        self.clock.advance(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """The calls made in the block."""
        before = self.fake.calls
        made: dict[str, int] = {}
        yield made
        for (method, path), times in (self.fake.calls - before).items():
            made[f"{method} {path}"] = times
