"""Whom a service was asked about a moment ago, and who is not there.

A lead may be decided upon without the service, when it does not answer in time: who was not looked for is looked for
before they are made.
"""

from collections.abc import Mapping
from dataclasses import replace

from syncd.clock import Clock
from syncd.model import LeadKeys, RecordOrder
from syncd.wire.lately import Lately


class Strangers:
    """By their addresses: a lead that is planned has no id yet. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._met: Lately[str] = Lately(clock)

    def met(self, keys: LeadKeys) -> None:
        for email in keys.emails:
            self._met.saw(email.casefold())

    def unasked(self, order: RecordOrder) -> bool:
        """Whether nobody has looked whether they are there."""
        return order.known is None and not all(self._met.has(email.casefold()) for email in order.keys.emails)

    def forget(self, keys: LeadKeys) -> None:
        """They are about to be made."""
        for email in keys.emails:
            self._met.forget(email.casefold())


def only_missing(order: RecordOrder, values: Mapping[str, str], *, owned: bool) -> RecordOrder:
    """The order for somebody who turned out to be there: no policy has been applied to it, so nothing is replaced."""
    fields = {name: text for name, text in order.fields.items() if name not in values}
    return replace(order, fields=fields, owner=None if owned else order.owner)
