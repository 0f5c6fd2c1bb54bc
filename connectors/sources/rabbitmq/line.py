"""The line to the broker: one connection, one channel, messages in hand until they are acknowledged."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelClosedByBroker,
    ChannelError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
    ReentrancyError,
)

from connectors.sources.rabbitmq import Options
from syncd.connector import AuthFailed, Retryable

HEARTBEAT = 60  # seconds
IDLE = 0.3  # seconds without a message: what was there has been fetched

logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells every failure of a line with a traceback of its own


_FAILED = (AMQPConnectorException, AMQPError, ChannelError, ReentrancyError)


@dataclass(frozen=True, slots=True)
class Message:
    tag: int  # what acknowledges it, on the channel that brought it
    properties: Any
    body: bytes


class Line:
    """Opened when it is first needed, and anew after it failed. Of one thread."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._connection: Any = None
        self._channel: Any = None

    @property
    def is_open(self) -> bool:
        return self._channel is not None

    def waiting(self, seconds: float = 0) -> int:
        """How many messages wait in the queue; looks again after `seconds` where there is none."""
        with self._words():
            channel = self._opened()
            found = self._count(channel)
            if found or not seconds:
                return found
            self._connection.process_data_events(time_limit=seconds)
            return self._count(channel)

    def messages(self) -> Generator[Message | None, None, None]:
        """Each message that waits; None as often as nothing comes for a moment. Closing it lets the others go."""
        with self._words():
            channel = self._opened()
            for method, properties, body in channel.consume(self.options.queue, inactivity_timeout=IDLE):
                yield None if method is None else Message(method.delivery_tag, properties, body)

    def rest(self) -> None:
        """What the broker has sent ahead and nobody has taken goes back to it."""
        with self._words():
            if self._channel is not None:
                self._channel.cancel()

    def acknowledge(self, tag: int) -> None:
        """Up to this one. Raises Retryable: they come again."""
        with self._words():
            if self._channel is None:
                raise Retryable("rabbitmq: the line failed before the messages were acknowledged: they come again")
            self._channel.basic_ack(tag, multiple=True)

    def close(self) -> None:
        """What is not acknowledged goes back into the queue."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(*_FAILED, OSError):
                connection.close()

    def _opened(self) -> Any:
        if self._channel is None:
            self._connection = pika.BlockingConnection(_parameters(self.options))
            self._channel = self._connection.channel()
            self._channel.basic_qos(prefetch_count=self.options.prefetch)
        return self._channel

    def _count(self, channel: Any) -> int:
        return int(channel.queue_declare(self.options.queue, passive=True).method.message_count)

    @contextmanager
    def _words(self) -> Iterator[None]:
        """What the library raises, as what happens next; the line is closed by it."""
        try:
            yield
        except (AuthenticationError, ProbableAuthenticationError, ProbableAccessDeniedError) as error:
            self.close()
            raise AuthFailed(f"rabbitmq: the login is refused ({type(error).__name__})") from error
        except ChannelClosedByBroker as error:
            self.close()
            raise self._meaning(error) from error
        except (*_FAILED, OSError) as error:
            self.close()
            raise Retryable(f"rabbitmq: the line failed ({type(error).__name__})") from error

    def _meaning(self, error: ChannelClosedByBroker) -> Exception:
        if error.reply_code == 404:
            return Retryable(f"rabbitmq: there is no queue {self.options.queue}")
        if error.reply_code == 403:
            return AuthFailed(f"rabbitmq: this user may not read the queue {self.options.queue}")
        return Retryable(f"rabbitmq: the broker closed the channel ({error.reply_code})")


def _parameters(options: Options) -> Any:
    parts = urlsplit(options.url.get_secret_value())
    parameters = pika.URLParameters(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))
    if parts.username:
        password = options.password.get_secret_value() if options.password else unquote(parts.password or "")
        parameters.credentials = pika.PlainCredentials(unquote(parts.username), password)
    parameters.connection_attempts = 1
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = options.timeout
    parameters.heartbeat = HEARTBEAT
    parameters.client_properties = {"connection_name": "syncd"}
    return parameters
