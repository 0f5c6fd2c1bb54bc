"""Messages of a queue, at a real RabbitMQ: acknowledged after the commit, poison set aside alone."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pika
import pytest
from pydantic import ValidationError

from connectors.sources.rabbitmq import Options, plugin
from syncd.connector import AuthFailed, Page, Retryable, Submission
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.poller import Poller
from syncd.store.store import Store
from syncd.testing import NOON, FakeClock, PolledSourceContract, lent_tools
from syncd.testing.left_open import Opened
from tests.fakes.rabbit import Broker, is_there
from tests.fakes.tcp_proxy import SOUND, TcpProxy, Toxic
from tests.outside import needs

pytestmark = [
    pytest.mark.process,
    needs(is_there(), "there is no RabbitMQ here (apt-get install rabbitmq-server)"),
]
_numbers = count()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """What the inbox makes of a repeat is tested elsewhere, on either database."""
    return f"sqlite:///{tmp_path}/syncd.db"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with Broker() as broker:
        yield broker


class Site:
    """A site that publishes, its queue, and the source that reads it."""

    def __init__(self, broker: Broker, **options: Any) -> None:
        self.connection = broker.connected()
        self.channel = self.connection.channel()
        self._built: list[Any] = []
        self.name = f"leads-{next(_numbers)}"
        self.channel.queue_declare(self.name)
        self.options = {"url": broker.url, "queue": self.name, "timeout": 5, **options}
        self.source = self.built()

    def built(self, **more: Any) -> Any:
        options = plugin.options.model_validate({**self.options, **more})
        self._built.append(plugin.make(options, lent_tools("site", FakeClock(NOON))))
        return self._built[-1]

    def publish(self, body: Any, **properties: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.channel.basic_publish("", self.name, content, pika.BasicProperties(**properties))

    def left(self) -> int:
        """What is in the queue, or would be if the source went away."""
        self.source.close()
        return int(self.channel.queue_declare(self.name, passive=True).method.message_count)

    def close(self) -> None:
        for source in self._built:
            source.close()
        self.channel.queue_delete(self.name)
        self.connection.close()


@pytest.fixture
def new_site(broker: Broker) -> Iterator[Callable[..., Site]]:
    """Builds sites with options, and closes them."""
    with ExitStack() as stack:

        def build(**options: Any) -> Site:
            site = Site(broker, **options)
            stack.callback(site.close)
            return site

        yield build


@pytest.fixture
def site(new_site: Callable[..., Site]) -> Site:
    return new_site()


def through(broker: Broker, proxy: TcpProxy) -> str:
    return broker.url.replace(f"127.0.0.1:{broker.port}", proxy.url.removeprefix("http://"))


def read(source: Any, *, settle: bool = True) -> list[Page]:
    pages = []
    for page in source.pages(None):
        pages.append(page)
        if settle and page.settle:
            page.settle()
    return pages


def submissions(pages: list[Page]) -> list[Submission]:
    return [one for page in pages for one in page.submissions]


def acknowledged(source: Any, page: Page) -> None:
    """The broker gives no answer to it: the next call notices that it was lost."""
    assert page.settle
    page.settle()
    source.line.waiting()


def lead(number: int) -> dict[str, Any]:
    return {"id": f"e{number}", "contact": {"email": f"p{number}@acme.example"}, "at": 1772445600 + number}


class TestContract(PolledSourceContract):
    plugin = plugin
    secrets = ("canary-password",)
    port = -1  # of the proxy

    def opened(self) -> frozenset[Opened]:
        """The proxy and the site itself speak to the broker, and only the source to the proxy."""
        return frozenset(one for one in super().opened() if one.port == self.port)

    @pytest.fixture
    def source(self, broker: Broker) -> Iterator[Any]:
        site = Site(broker, id="id", time="at", prefetch=10, timeout=2)
        for number in range(8):
            site.publish(lead(number))
        with TcpProxy(("127.0.0.1", broker.port)) as self.proxy:
            site.source = self.source_there = site.built(url=through(broker, self.proxy))
            self.port = self.proxy.port
            self.wrong = site.built(url=through(broker, self.proxy).replace("guest:guest", "guest:canary-password"))
            yield site.source
            site.close()

    def fetched(self, source: Any, cursor: str | None = None) -> tuple[list[Submission], str | None]:
        """All of it in hand at once, then back into the queue."""
        return submissions(list(source.pages(cursor))), None

    def refuse_login(self) -> None:
        self.source_there.close()
        self.source_there.line = self.wrong.line

    def fall_silent(self) -> None:
        self.proxy.spoil(Toxic(silent_after=0))

    def mend(self) -> None:
        self.proxy.spoil(SOUND)


def test_each_message_is_a_submission_by_its_paths(new_site: Callable[..., Site]) -> None:
    site = new_site(id="id", time="at", fields={"email": "contact.email"})
    site.publish(lead(1), content_type="application/json")

    (found,) = submissions(read(site.source))

    assert (found.source, found.key, found.received_at) == ("site", "e1", NOON)
    assert found.submitted_at == datetime(2026, 3, 2, 10, 0, 1, tzinfo=UTC)
    assert {answer.id: answer.value for answer in found.answers}["email"] == "p1@acme.example"
    assert site.left() == 0


def test_id_of_the_message_or_a_header_is_the_key_where_the_body_has_none(site: Site) -> None:
    site.publish({"email": "a@acme.example"}, message_id="m-1", headers={"event-id": "not this"})
    site.publish({"email": "b@acme.example"}, headers={"Event-Id": "h-1"}, timestamp=1772445600)
    site.publish({"email": "c@acme.example"})
    site.publish([{"email": "d@acme.example"}, {"email": "e@acme.example"}], message_id="m-2")

    found = submissions(read(site.source))

    assert [one.key for one in found][:2] == ["m-1", "h-1"]
    assert [one.key for one in found][3:] == ["m-2#0", "m-2#1"]
    assert found[1].submitted_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert [one.window for one in found] == [None, None, timedelta(hours=24), None, None]


def test_nothing_is_acknowledged_before_the_commit(site: Site) -> None:
    for number in range(5):
        site.publish(lead(number), message_id=f"m{number}")

    first = submissions(read(site.source, settle=False))

    assert site.left() == 5
    assert [one.key for one in submissions(read(site.source))] == [one.key for one in first]
    assert site.left() == 0


def test_poison_is_set_aside_alone_and_acknowledged(site: Site) -> None:
    for body in (b"{", lead(1), b"\x1f\x8b\x08", b'"text"', b"[1]", lead(2), b"", b'{"a": NaN}'):
        site.publish(body)
    site.publish(b"\x1f\x8b\x08", content_encoding="gzip")

    (page,) = read(site.source)

    assert [bool(one.problem) for one in page.submissions] == [True, False, True, True, True, False, True, True, True]
    assert page.submissions[-1].problem == "rabbitmq: the message is encoded as gzip"
    assert site.left() == 0


def test_no_more_messages_are_in_hand_than_the_config_says(new_site: Callable[..., Site]) -> None:
    site = new_site(prefetch=4)
    for number in range(10):
        site.publish(lead(number), message_id=f"m{number}")

    assert [len(page.submissions) for page in read(site.source)] == [4, 4, 2]


def test_daemon_that_loses_its_lease_gives_the_messages_back(site: Site) -> None:
    site.publish(lead(1), message_id="m1")
    pages = site.source.pages(None)
    next(pages)

    pages.close()

    assert site.left() == 1


def test_line_that_is_cut_before_the_acknowledgement_brings_them_again(site: Site, broker: Broker) -> None:
    site.publish(lead(1), message_id="m1")
    with TcpProxy(("127.0.0.1", broker.port)) as proxy:
        source = site.built(url=through(broker, proxy))
        pages = source.pages(None)
        page = next(pages)

        proxy.spoil(SOUND)
        with pytest.raises(Retryable):
            acknowledged(source, page)
        pages.close()

        assert [one.key for one in submissions(read(source))] == ["m1"]
        source.close()


def test_listens_only_while_it_polls_and_hears_within_a_second(site: Site) -> None:
    assert not site.source.listen(0.05)
    read(site.source)
    assert not site.source.listen(0.05)

    site.publish(lead(1))

    assert site.source.listen(1)


def test_each_enquiry_is_kept_once_however_often_its_message_comes(site: Site, store: Store) -> None:
    health = Health(store, Intake(store.inbox, Bell()), list)
    poller = Poller("site", site.source, store.inbox, Bell(), "me", health)
    for _ in range(3):
        for number in range(4):
            site.publish(lead(number), message_id=f"m{number}")

    poller.turn()

    assert len(store.inbox.claim(100)[1]) == 4
    assert site.left() == 0


def test_what_is_wrong_is_said(site: Site) -> None:
    with pytest.raises(AuthFailed, match="login is refused"):
        read(site.built(url=site.options["url"].replace("guest:guest", "guest:wrong")))
    with pytest.raises(AuthFailed, match="login is refused"):
        read(site.built(password="wr@ng://password"))
    with pytest.raises(Retryable, match="there is no queue nowhere"):
        read(site.built(queue="nowhere"))
    assert read(site.built(url=site.options["url"].replace("guest:guest", "guest"), password="guest")) == []
    with pytest.raises(Retryable, match="the line failed"):
        read(site.built(url="amqp://guest:guest@127.0.0.1:9/%2F"))

    assert [finding.ok for finding in site.source.check()] == [True]
    assert [finding.ok for finding in site.built(queue="nowhere").check()] == [False]


def test_missing_extra_is_told_with_the_command_that_helps() -> None:
    less = type("Less", (Options,), {"needs": "nothing_of_the_kind"})

    with pytest.raises(ValidationError, match=r"pip install 'syncd\[rabbitmq\]'"):
        less.model_validate({"url": "amqp://h", "queue": "q"})


@pytest.mark.parametrize("url", ["http://h", "amqp://", "amqps://h:port/", "h"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="amqps://user@host/vhost"):
        Options.model_validate({"url": url, "queue": "q"})
