"""The ways in which the other side can hurt, for a contract to order, and what a connector may say of them."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from syncd.errors import SyncdError
from syncd.testing.fake_server import FakeServer

NEVER_LONGER = 20.0
"""Seconds: `lent_tools` waits five for an answer, and a call of a connector may be a few on the wire."""


class Trouble:
    """Override what can happen to this connector. A hook that is left alone skips the tests that need it."""

    def refuse_login(self) -> None:
        """From now on the other side refuses the credentials."""
        pytest.skip("does not apply: no login")

    def slow_down(self) -> None:
        """From now on the other side asks for a pause."""
        pytest.skip("does not apply: no limits")

    def lose_answers(self) -> None:
        """From now on what is sent is carried out, but its answer never arrives."""
        pytest.skip("does not apply: no wire")

    def fall_silent(self) -> None:
        """From now on the other side takes calls and never answers."""
        pytest.skip("does not apply: no wire")

    def answer_with(self, status: int, body: bytes) -> None:  # noqa: ARG002 - for those who override it
        """From now on exactly this is answered to every call, and nothing is carried out."""
        pytest.skip("does not apply: no wire")

    def mend(self) -> None:
        """Everything as it should be again."""


class ServerTrouble(Trouble):
    """What every FakeServer can do, in front of a contract: `class TestContract(ServerTrouble, SinkContract)`.

    `fake` is the server that the connector speaks to. Which answers get lost is left to say.
    """

    fake: FakeServer

    def refuse_login(self) -> None:
        self.fake.order_fault("unauthorized", count=None)

    def slow_down(self) -> None:
        self.fake.order_fault("too_many", retry_after=7, count=None)

    def fall_silent(self) -> None:
        self.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.fake.clear_faults()


def applies(hook: Callable[[], object]) -> bool:
    """Orders the trouble; False where the connector knows no such thing."""
    try:
        hook()
    except pytest.skip.Exception:
        return False
    return True


def messages(call: Callable[[], object]) -> Iterator[str]:
    """The error with everything it was raised from, or the reasons of the outcomes."""
    try:
        answer = call()
    except SyncdError as error:
        yield from told(error)
        return
    for outcome in answer if isinstance(answer, Sequence) else ():
        yield str(getattr(outcome, "reason", ""))


def told(error: BaseException, *, hidden: bool = False) -> Iterator[str]:
    """The error and what a traceback shows behind it; `hidden`: also what `from None` has taken out of it."""
    cause: BaseException | None = error
    while cause is not None:
        yield f"{cause!s} {cause!r}"
        cause = cause.__cause__ or (None if cause.__suppress_context__ and not hidden else cause.__context__)
