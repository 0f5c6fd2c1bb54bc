"""What a connector is tested with. Needs pytest beside syncd, and nothing else.

Contracts: pytest classes that every connector must pass, ours and everybody's. A test file inherits one, says how
the connector is built, and orders the trouble that its service can make:

    SourceContract          a source that is pushed to: a webhook, a form
    PolledSourceContract    a source that is asked
    SinkContract            a CRM: records, tasks, notes, owners, changes
    AlertContract           a line to a person

What they are run with:

    FakeServer              a real HTTP server to build a fake of the service on: state, calls that are remembered,
                            faults to order (Call, Answer, Refusal, Fault, LoggedCall)
    ServerTrouble           the trouble that each of these can make, to stand in front of a contract
    FakeClock               moves only when the test says so
    lent_tools              what the core lends a connector
    hostile_bodies, BROKEN  bytes that have broken somebody's parser before

docs/writing-a-connector.md walks through a whole package; `syncd connectors new` writes one.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from syncd.model import OrderKind
from syncd.testing.calls import Answer, Call, LoggedCall, Refusal
from syncd.testing.clock import NOON, START, FakeClock
from syncd.testing.fake_server import FakeServer, Steering
from syncd.testing.faults import Fault, FaultKind
from syncd.testing.hostile import BROKEN, hostile_bodies

if TYPE_CHECKING:
    from syncd.testing.alert_contract import AlertContract
    from syncd.testing.lent import lent_tools
    from syncd.testing.polled_contract import PolledSourceContract
    from syncd.testing.sink_contract import SinkContract
    from syncd.testing.source_contract import SourceContract
    from syncd.testing.trouble import ServerTrouble

__all__ = [
    "BROKEN",
    "NOON",
    "START",
    "AlertContract",
    "Answer",
    "Call",
    "FakeClock",
    "FakeServer",
    "Fault",
    "FaultKind",
    "LoggedCall",
    "OrderKind",
    "PolledSourceContract",
    "Refusal",
    "ServerTrouble",
    "SinkContract",
    "SourceContract",
    "Steering",
    "hostile_bodies",
    "lent_tools",
]

_ON_DEMAND = {
    "AlertContract": "alert_contract",
    "PolledSourceContract": "polled_contract",
    "ServerTrouble": "trouble",
    "SinkContract": "sink_contract",
    "SourceContract": "source_contract",
    "lent_tools": "lent",
}
"""These bring pytest and the connectors' whole surface along, which a fake in a process of its own can do without."""


def __getattr__(name: str) -> object:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    _explain_asserts()
    return getattr(import_module(f"{__name__}.{_ON_DEMAND[name]}"), name)


def _explain_asserts() -> None:
    """Lets pytest show what was compared in a contract, as it does in test files."""
    named = ("alert_contract", "left_open", "polled_contract", "sink_contract", "sink_removal", "sink_trouble",
             "sink_under_test", "source_contract")  # fmt: skip
    fresh = [module for each in named if (module := f"{__name__}.{each}") not in sys.modules]
    import_module("pytest").register_assert_rewrite(*fresh)
