"""Messages as submissions, acknowledged only after the commit."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sources.rabbitmq import Options
from connectors.sources.rabbitmq.line import Line, Message
from syncd.connector import (
    JSON_TYPE,
    Carrier,
    Finding,
    Page,
    Rejected,
    Submission,
    SyncdError,
    Tools,
    id_key,
    json_value,
    path_submissions,
    unread,
)

_PLAIN = ("", "identity", "utf-8", "utf8")


@dataclass(slots=True)
class _Batch:
    """Messages in hand, and whether they have been acknowledged."""

    messages: list[Message]
    settled: bool = False


class Queue:
    """One message that cannot be read is set aside alone and acknowledged like the others."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name, self.clock = options, tools.name, tools.clock
        self.line = Line(options)

    def pages(self, cursor: str | None) -> Iterator[Page]:  # noqa: ARG002 - the queue itself knows where it is
        """Everything that waits, up to `prefetch` messages a page. What was not acknowledged goes back."""
        batch = _Batch([])
        try:
            for batch in self._batches():
                yield Page(
                    [one for message in batch.messages for one in self._submissions(message)], None, self._ack(batch)
                )
                if not batch.settled:
                    return
        finally:
            if batch.messages and not batch.settled:
                self.line.close()

    def listen(self, seconds: float) -> bool:
        """Only while the line is open, so that a daemon that does not poll asks nothing."""
        if not self.line.is_open:
            return False
        with suppress(SyncdError):
            return self.line.waiting(seconds) > 0
        return False

    def check(self) -> Sequence[Finding]:
        try:
            waiting = self.line.waiting()
        except SyncdError as error:
            remedy = "correct url and queue; syncd makes no queue of its own"
            return [Finding("queue", ok=False, detail=str(error), remedy=remedy)]
        finally:
            self.line.close()
        return [Finding("queue", ok=True, detail=f"{self.options.queue}, {waiting} messages wait")]

    def close(self) -> None:
        self.line.close()

    def _batches(self) -> Iterator[_Batch]:
        batch = _Batch([])
        with closing(self.line.messages()) as messages:
            for message in messages:
                if message is not None:
                    batch.messages.append(message)
                if batch.messages and (message is None or len(batch.messages) == self.options.prefetch):
                    yield batch
                    batch = _Batch([])
                elif message is None:
                    break
        self.line.rest()

    def _ack(self, batch: _Batch) -> Any:
        def settle() -> None:
            self.line.acknowledge(batch.messages[-1].tag)
            batch.settled = True

        return settle

    def _submissions(self, message: Message) -> list[Submission]:
        carrier = self._carrier(message)
        encoding = message.properties.content_encoding or ""
        if encoding.casefold() not in _PLAIN:
            return [unread(carrier, f"rabbitmq: the message is encoded as {encoding[:40]}")]
        try:
            return path_submissions(self.options, json_value(message.body), carrier)
        except Rejected as error:
            return [unread(carrier, str(error))]

    def _carrier(self, message: Message) -> Carrier:
        properties = message.properties
        return Carrier(
            source=self.name,
            kind="rabbitmq",
            raw=message.body,
            received_at=self.clock.now(),
            content_type=JSON_TYPE,
            delivery=id_key(_plain(properties.message_id) or self._id_header(properties.headers)),
            sent_at=_moment(properties.timestamp),
        )

    def _id_header(self, headers: Any) -> str:
        given = {str(name).casefold(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
        return next(filter(None, (_plain(given.get(name.casefold())) for name in self.options.id_headers)), "")


def _plain(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text.replace("\0", "").strip()


def _moment(value: Any) -> datetime | None:
    """Whole seconds since 1970, as the protocol says."""
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def make(options: Options, tools: Tools) -> Queue:
    return Queue(options, tools)
