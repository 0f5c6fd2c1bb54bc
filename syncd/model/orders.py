"""What goes out: orders to a sink, the outcome of each, and the signals read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class OrderKind(StrEnum):
    RECORD = "record"
    TASK = "task"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a lead or a task lives in a sink."""

    object: str  # the sink's own word: "contact", "Lead", "task"
    id: str
    url: str = ""  # what a person can click


@dataclass(frozen=True, slots=True)
class OwnerRef:
    """A user or a queue of a sink."""

    id: str
    email: str = ""  # match key; empty for queues without one
    name: str = ""
    active: bool = True
    queue: bool = False


@dataclass(frozen=True, slots=True)
class LeadKeys:
    """What a sink may look a lead up by."""

    lead: str  # our id of the lead; the external key in sinks that have such a field
    emails: tuple[str, ...] = ()  # display forms; the first is the one just given
    phone: str = ""  # E.164
    ref: Ref | None = None  # where we believe it lives; wins over everything else
    company_domain: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a sink already knows of a lead, answered by one look-up."""

    ref: Ref
    owner: OwnerRef | None = None
    account_owner: OwnerRef | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # canonical field -> present value, empty ones left out
    customer: bool = False  # the sink says that this is a customer already


@dataclass(frozen=True, slots=True)
class RecordOrder:
    """Bring one lead's record to the wanted state. `fields` holds just what may be written."""

    mark: str  # unique for ever; the lead's external key where the sink has such a field
    keys: LeadKeys
    fields: Mapping[str, str]  # canonical field -> value; the field policy has been applied
    owner: OwnerRef | None = None  # None: leave the owner alone
    known: Known | None = None
    sent_at: datetime | None = None  # an earlier try was sent and never answered
    looks: int = 0  # how often it has been looked for in vain since the last try that may have made it
    due_at: datetime | None = None  # aware, UTC: by when somebody must have answered, for sinks without tasks


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """One follow-up task on a record. The same mark twice gives one task and the same ref."""

    mark: str
    record: Ref
    subject: str
    body: str  # plain text
    due_at: datetime  # aware, UTC
    zone: str  # IANA name of the owner's zone: a date-only field is computed there
    owner: OwnerRef | None = None
    kind: str = "call"  # call | email | todo
    priority: str = "normal"  # low | normal | high
    ref: Ref | None = None  # the task exists: change it instead of making one
    sent_at: datetime | None = None  # an earlier try was sent and never answered: look for the mark first
    looks: int = 0  # how often the mark has been looked for in vain since the last try that may have made it


@dataclass(frozen=True, slots=True)
class NoteOrder:
    """One note on a record's timeline. The same mark twice gives one note and the same ref."""

    mark: str
    record: Ref
    body: str  # plain text
    at: datetime  # aware, UTC: when the thing noted happened
    owner: OwnerRef | None = None
    sent_at: datetime | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """It stands in the sink."""

    ref: Ref
    created: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Surely not done; try again after this time. Does not use up an attempt unless `failed`."""

    reason: str
    after: timedelta | None = None  # None: the usual backoff
    failed: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """The sink will not take this order as it stands; it is parked with the sink's words."""

    reason: str  # without personal data
    fields: tuple[str, ...] = ()
    owner: bool = False  # it is the owner whom the sink will not take: who may own is to be asked anew
    gone: bool = False  # the record was deleted in the sink: who sends this again makes a new one


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and no answer came, or its mark cannot be seen yet: look again before anything is sent.

    `looked`: this time nothing was sent, the mark was only looked for. Without it the looks begin anew, for those
    before say nothing of what may have been made now.
    """

    reason: str
    looked: bool = False


Outcome = Done | Wait | Refusal | Unknown


class SignalKind(StrEnum):
    """What a sink can tell about a lead after the hand-over."""

    ANSWERED = "answered"  # a human at our end made a first attempt
    TASK_DONE = "task_done"
    OWNER_CHANGED = "owner_changed"
    STATUS_CHANGED = "status_changed"  # the sink's own word is in `value`
    QUALIFIED = "qualified"
    WON = "won"
    LOST = "lost"
    OPTED_OUT = "opted_out"
    MERGED = "merged"  # the record lives on as `value`
    GONE = "gone"  # deleted in the sink


@dataclass(frozen=True, slots=True)
class Signal:
    """Something read back from a sink. Saying it twice changes nothing."""

    kind: SignalKind
    ref: Ref  # of the record, or of the task for TASK_DONE
    at: datetime  # aware, UTC, by the sink's clock
    value: str = ""
    owner: OwnerRef | None = None


@dataclass(frozen=True, slots=True)
class SignalPage:
    signals: Sequence[Signal]
    cursor: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `prepare` or `check` looked at."""

    what: str  # "property contacts.syncd_key"
    ok: bool
    detail: str = ""
    remedy: str = ""  # what a person can do when it is not ok
    changed: bool = False  # it was missing and has been made


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field of a sink's objects, as far as a change of it can cost a lead something."""

    type: str
    ours: bool = False  # syncd writes it, or heeds its values
    required: bool = False  # no record is made without it
    writable: bool = True
    choices: tuple[str, ...] = ()  # empty: anything goes
