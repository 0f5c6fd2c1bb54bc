"""A queue of RabbitMQ, for firms whose site publishes events already: each message is JSON, read as `webhook` reads it.

https://www.rabbitmq.com/docs/confirms and https://www.rabbitmq.com/docs/uri-spec
"""

from importlib import import_module
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from syncd.connector import (
    About,
    Field,
    PathOptions,
    Plugin,
    SecretStr,
    Tools,
    field_validator,
    insist_on_extra,
    model_validator,
)


class Options(PathOptions):
    needs: ClassVar[str] = "pika"

    url: SecretStr = Field(description="where the broker is: amqps://user@host/vhost")
    password: SecretStr | None = Field(None, description="of the user, where it does not stand in the address")
    queue: str = Field(min_length=1, max_length=255, description="name of the queue; it must be there already")
    id_headers: tuple[str, ...] = Field(
        ("idempotency-key", "event-id", "x-event-id", "ce-id", "cloudEvents:id"),
        description="headers of a message that are the same when it is published again, where it has no message_id",
    )
    prefetch: int = Field(100, ge=1, le=1000, description="messages in hand at a time; as many are kept in one commit")
    timeout: float = Field(15, ge=1, le=300, description="seconds to wait for the broker")

    @field_validator("url")
    @classmethod
    def _is_amqp(cls, url: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(url.get_secret_value())
            sound = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound:
            raise ValueError("write it as amqps://user@host/vhost, and the password as password")
        return url

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        insist_on_extra(self.needs, "rabbitmq")
        return self


def _make(options: Options, tools: Tools) -> Any:
    return import_module("connectors.sources.rabbitmq.queue").make(options, tools)


plugin = Plugin(
    Options,
    _make,
    About(
        "RabbitMQ",
        link="https://www.rabbitmq.com/docs/queues",
        setup=(
            "`pip install 'syncd[rabbitmq]'`.",
            "Make a queue and bind it to the exchange into which your site publishes; syncd makes none.",
            "Have a user who may read that queue, and nothing else.",
        ),
        missed="Whatever the broker holds: a message stays until it is acknowledged, and that is after the commit.",
        tested="RabbitMQ 3.10, with cut lines and repeated messages.",
        notes=(
            "Messages are read as `webhook` reads a post, by the same paths.",
            "A message without `message_id`, id header or `id` path is known by its content for 24 hours.",
            "What cannot be read is set aside alone and acknowledged: it never holds up the others.",
        ),
        example={
            "url": "amqps://syncd@mq.acme.com/site",
            "password": "${RABBITMQ_PASSWORD}",
            "queue": "enquiries",
            "id": "event_id",
        },
    ),
)
