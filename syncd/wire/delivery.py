"""Several calls of a service for one call of a sink: what was answered, what was lost, what was never sent."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.model import Outcome, Refusal, Unknown, Wait

AnswerT = TypeVar("AnswerT")
OrderT = TypeVar("OrderT")


def one_by_one(orders: Sequence[OrderT], write: Callable[[OrderT], Outcome]) -> list[Outcome]:
    """One outcome per order, in order, of a service without batches. What `write` refuses is refused for its order.

    Raises Ambiguous, AuthFailed, RateLimited or Retryable while that is true of every order; after that each has an
    outcome: what was answered has its answer, a lost one is unknown, the others are to wait.
    """
    delivery = Delivery(len(orders))
    return [delivery.attempt(1, partial(_judged, write, order)) for order in orders]


class Delivery:
    """The writing calls of one call of a sink with `orders` orders."""

    def __init__(self, orders: int) -> None:
        self._orders = orders
        self._answered = False
        self._halted: Wait | None = None

    def attempt(self, orders: int, send: Callable[[], AnswerT]) -> AnswerT | Wait | Unknown:
        """What `send` returns, which carries `orders` of them: or the outcome that all of these have instead.

        Raises what `send` raises as long as that is true of every order of the sink's call. After that the
        lost part is Unknown, and what was not sent is to wait, whatever is attempted later.
        """
        if self._halted is not None:
            return self._halted
        try:
            answer = send()
        except (Ambiguous, AuthFailed, RateLimited, Retryable) as error:
            lost = isinstance(error, Ambiguous)
            if not self._answered and (not lost or orders == self._orders):
                raise
            self._halted = Wait(f"not sent: {error}", getattr(error, "after", None), failed=False)
            return Unknown(str(error)) if lost else self._halted
        self._answered = True
        return answer


def _judged(write: Callable[[OrderT], Outcome], order: OrderT) -> Outcome:
    try:
        return write(order)
    except Refused as error:
        return Refusal(str(error))
