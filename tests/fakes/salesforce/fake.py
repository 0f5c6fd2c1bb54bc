"""The fake as a test in the same process uses it."""

from typing import Any, ClassVar

from syncd.testing import Answer, FakeServer, Fault, Steering, calls
from tests.fakes.salesforce.calls import Call
from tests.fakes.salesforce.control import steering
from tests.fakes.salesforce.humans import Humans
from tests.fakes.salesforce.options import Options
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.routes import matched
from tests.fakes.salesforce.service import answered


class FakeSalesforce(FakeServer):
    """`with FakeSalesforce(options) as fake:`; listens from construction until `stop`."""

    CONTENT_TYPE: ClassVar[str] = "application/json;charset=UTF-8"

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options.port)
        self.org = Org(self.options)
        self.lock = self.org.lock
        self.people = Humans(self.org)
        self.start()
        self.org.url = self.url

    def understood(self, call: calls.Call) -> Call:
        match = matched(call.method, call.path)
        return Call(call.method, call.path, call.query, call.body, call.headers, match)

    def carry_out(self, call: calls.Call, fault: Fault | None) -> Answer:
        with self.lock:
            return answered(self.org, call, fault)  # type: ignore[arg-type]  # of the kind made above

    def steering(self) -> Steering:
        own = super().steering()
        return {**own, **steering(self.org, own["GET", "calls"], self.reset)}

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Live records of an object in the order of their making."""
        with self.lock:
            return [dict(record.values) for record in self.org.tables[kind].live()]

    def record(self, record_id: str) -> dict[str, Any]:
        """Deleted ones too."""
        return dict(self.org.record(record_id).values)

    def advance(self, seconds: float) -> None:
        self.org.clock.advance(seconds)

    def reset(self) -> None:
        """Everything as at the start: no records, faults or counts."""
        with self.lock:
            self.forget()
            self.org.empty()

    def fail_records(self, code: str, count: int = 1) -> None:
        """The next records of collections fail with this code, whatever they hold."""
        self.org.item_faults.append((code, count))

    def refuse(self, field: str, value: str) -> None:
        """A validation rule of the organisation: no record may hold this value."""
        self.org.rules.append((field, value))

    def mend_records(self) -> None:
        self.org.item_faults.clear()

    def deactivate(self, user_id: str) -> None:
        """The person has left: nothing new can be given to them."""
        self.org.record(user_id).values["IsActive"] = False

    def refuse_login(self) -> None:
        self.org.tokens.valid = False
        self.org.tokens.revoke()

    def accept_login(self) -> None:
        self.org.tokens.valid = True

    def end_sessions(self) -> None:
        """Every access token stops working; logging in still does."""
        self.org.tokens.revoke()
