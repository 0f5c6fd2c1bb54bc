"""The front door: exactly 200 after the commit, and for every trouble the status that makes a provider do right."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from structlog.testing import capture_logs

from syncd.connector import Finding, Received, WebReply, WebRequest
from syncd.errors import Rejected, StoreBusy, StoreError, TooLarge, Unauthenticated, UnsupportedBody
from syncd.model import Submission
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.metrics import Metrics
from syncd.run.rates import Rate, Rates
from syncd.run.senders import Senders
from syncd.run.web import FrontDoor, Slot, Web, build_web
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.run.asgi import Answer, ask, asked
from tests.world import submission


class FakeSource:
    """Keeps what it is asked and gives what the test wants."""

    def __init__(self, act: Callable[[WebRequest], Received] | None = None) -> None:
        self.act = act or (lambda request: Received([submission(request.body.decode())]))
        self.requests: list[WebRequest] = []
        self.methods: Sequence[str] = ()

    def receive(self, request: WebRequest) -> Received:
        self.requests.append(request)
        return self.act(request)

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass


class FakeIntake:
    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.kept = error, list[str]()
        self.trouble, self.closed_for, self.alive = "", "", True
        self.go: asyncio.Event | None = None

    async def accept(self, submissions: Sequence[Submission]) -> None:
        if self.go:
            await self.go.wait()
        if self.error:
            raise self.error
        self.kept += [one.key for one in submissions]


class Door:
    """A front door with one source called `contact`."""

    def __init__(self, source: FakeSource | None = None, token: str = "", **how: Any) -> None:
        self.source, self.metrics = source or FakeSource(), Metrics()
        self.intake = how.pop("intake", None) or FakeIntake()
        slots: Mapping[str, Slot] = {"contact": Slot(self.source, token, how.pop("locked", True))}
        door = FrontDoor(slots, self.intake, FakeClock(), self.metrics, **{"body_limit": 1000, **how})
        self.app = Web(door, None)  # type: ignore[arg-type]

    def ask(self, path: str = "/in/contact", *pieces: bytes, **how: Any) -> Answer:
        return asked(self.app, path, *(pieces or (b"1",)), **how)

    def received(self) -> dict[tuple[str, str], float]:
        (family,) = [each for each in self.metrics.registry.collect() if each.name == "syncd_received"]
        return {
            (sample.labels["source"], sample.labels["result"]): sample.value
            for sample in family.samples
            if sample.name.endswith("_total")
        }


def raising(error: Exception) -> FakeSource:
    def act(_: WebRequest) -> Received:
        raise error

    return FakeSource(act)


class TestAccepting:
    def test_exactly_200_and_the_submission_is_kept(self) -> None:
        door = Door()

        answer = door.ask("/in/contact", b"a", b"b")

        assert (answer.status, answer.text) == (200, "ok\n")
        assert door.intake.kept == ["ab"]
        assert answer.headers["content-length"] == "3"
        assert "connection" not in answer.headers
        assert door.received() == {("contact", "accepted"): 1}

    def test_the_answer_comes_after_the_commit(self, store: Store) -> None:
        intake = Intake(store.inbox, Bell())
        intake.start()
        door = Door(intake=intake)

        answer = door.ask()
        intake.close()

        assert (answer.status, store.inbox.waiting()[0]) == (200, 1)

    def test_the_source_sees_the_request_as_it_came(self) -> None:
        door = Door()

        door.ask("/in/contact?a=1&b=%C3%A4", b"body", headers=[("X-Signature", "abc"), ("Content-Type", "text/csv; x")])

        (request,) = door.source.requests
        assert (request.method, request.body, request.query) == ("POST", b"body", {"a": "1", "b": "ä"})
        assert (request.header("x-signature"), request.content_type) == ("abc", "text/csv")
        assert (request.client, request.received_at.tzinfo) == ("203.0.113.9", UTC)

    def test_a_source_may_answer_in_its_own_words(self) -> None:
        reply = WebReply(303, {"Location": "https://acme.com/thanks"}, b"<p>", "text/html")
        door = Door(FakeSource(lambda _: Received([submission("1")], reply)))

        answer = door.ask()

        assert (answer.status, answer.headers["location"], answer.headers["content-type"]) == (
            303, "https://acme.com/thanks", "text/html",
        )  # fmt: skip

    def test_no_header_of_a_source_can_begin_another_one(self) -> None:
        reply = WebReply(headers={"location": "https://a\r\nset-cookie: x=1", "x-odd": "\u20ac"})
        door = Door(FakeSource(lambda _: Received([], reply)))

        answer = door.ask()

        assert answer.headers["location"] == "https://aset-cookie: x=1"
        assert (answer.headers["x-odd"], "set-cookie" in answer.headers) == ("?", False)

    def test_a_handshake_without_submissions_keeps_nothing(self) -> None:
        door = Door(FakeSource(lambda _: Received([], WebReply(body=b"challenge"))))

        assert door.ask().text == "challenge"
        assert door.intake.kept == []

    def test_a_preflight_reaches_the_source(self) -> None:
        door = Door(FakeSource(lambda _: Received([], WebReply(204))))

        assert door.ask(method="OPTIONS").status == 204


class TestRefusing:
    def test_a_provider_that_shows_people_a_message_gets_an_object_with_it(self) -> None:
        source = raising(Rejected("not JSON at line 3"))
        source.json_errors = True  # type: ignore[attr-defined]

        answer = Door(source).ask()

        assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
        assert answer.text == '{"message":"not JSON at line 3"}'
        assert answer.headers["content-length"] == str(len(answer.body))

    @pytest.mark.parametrize(
        ("error", "status", "told", "result"),
        [
            (Unauthenticated("signature of 17 bytes"), 401, "not authenticated", "unauthenticated"),
            (Rejected("not JSON at line 3"), 400, "not JSON at line 3", "rejected"),
            (TooLarge("more than 5 fields"), 413, "more than 5 fields", "too large"),
            (UnsupportedBody("send JSON"), 415, "send JSON", "unsupported"),
            (StoreBusy("disk is full"), 503, "try again later", "busy"),
            (StoreError("damaged"), 503, "try again later", "busy"),
            (TimeoutError("inside the connector"), 503, "try again later", "failed"),
            (ZeroDivisionError("a bug"), 503, "try again later", "failed"),
        ],
    )
    def test_every_trouble_has_its_status(self, error: Exception, status: int, told: str, result: str) -> None:
        door = Door(raising(error))

        answer = door.ask()

        assert (answer.status, answer.text) == (status, f"{told}\n")
        assert answer.headers.get("retry-after") == ("30" if status == 503 else None)
        assert (answer.headers["connection"], answer.headers["cache-control"]) == ("close", "no-store")
        assert door.received() == {("contact", result): 1}
        assert door.intake.kept == []

    def test_nothing_kept_is_never_200(self) -> None:
        answer = Door(intake=FakeIntake(StoreBusy("the intake is full"))).ask()

        assert (answer.status, answer.headers["retry-after"]) == (503, "30")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "TRACE", "PATCH"])
    def test_only_posts_are_taken(self, method: str) -> None:
        answer = Door().ask(method=method)

        assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")

    def test_a_source_may_take_submissions_by_other_methods_too(self) -> None:
        door = Door(FakeSource(lambda request: Received([submission(request.query["name"])])))
        door.source.methods = ("GET", "PUT")

        taken = door.ask("/in/contact?name=a&box=", method="GET")
        refused = door.ask(method="PATCH")

        assert (taken.status, door.intake.kept) == (200, ["a"])
        assert door.source.requests[0].query == {"name": "a", "box": ""}
        assert (refused.status, refused.headers["allow"]) == (405, "POST, GET, PUT, OPTIONS")

    @pytest.mark.parametrize("path", ["/in/nobody", "/in/", "/in/a/b/c", "/in/%0d%0ax"])
    def test_an_unknown_source_is_to_come_again_for_404_ends_a_webhook(self, path: str) -> None:
        door = Door()

        answer = door.ask(path)

        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert door.received() == {("?", "unknown source"): 1}

    def test_what_senders_invent_adds_no_labels(self) -> None:
        door = Door()
        for number in range(50):
            door.ask(f"/in/source-{number}")

        assert door.received() == {("?", "unknown source"): 50}

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
    def test_compressed_bodies_are_not_taken(self, coding: str) -> None:
        assert Door().ask(headers=[("content-encoding", coding)]).status == 415

    @pytest.mark.parametrize("query", ["&".join(f"a{n}=1" for n in range(201)), "a=" + "x" * 9000])
    def test_an_address_that_does_not_end_is_refused(self, query: str) -> None:
        door = Door()

        assert door.ask(f"/in/contact?{query}").status == 400
        assert door.source.requests == []


class TestBodies:
    def test_a_declared_size_over_the_limit_is_refused_unread(self) -> None:
        read = []

        async def note() -> None:
            read.append(True)

        door = Door()

        answer = door.ask("/in/contact", b"x", headers=[("content-length", "1001")], before_each=note)

        assert (answer.status, door.source.requests) == (413, [])
        assert len(read) == 1  # let go

    @pytest.mark.parametrize(("size", "status"), [(1001, 200), (5000, 200), (5001, 413)])
    def test_a_source_of_mails_may_take_larger_bodies_than_the_others(self, size: int, status: int) -> None:
        source = FakeSource()
        source.largest_body = 5000  # type: ignore[attr-defined]

        assert Door(source).ask("/in/contact", b"x" * size).status == status

    @pytest.mark.parametrize(("size", "status"), [(999, 200), (1000, 200), (1001, 413)])
    def test_an_undeclared_size_is_counted_while_it_comes(self, size: int, status: int) -> None:
        door = Door()

        answer = door.ask("/in/contact", *[b"x" * 100] * (size // 100), b"x" * (size % 100))

        assert answer.status == status

    def test_a_body_that_comes_too_slowly_is_408(self) -> None:
        async def dawdle() -> None:
            await asyncio.sleep(0.2)

        door = Door(body_seconds=0.05)

        answer = door.ask("/in/contact", b"x", before_each=dawdle)

        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert door.received() == {("contact", "too slow"): 1}

    def test_a_sender_that_goes_away_leaves_nothing(self) -> None:
        door = Door()

        assert door.ask("/in/contact", b"half", hang_up=True).status == 400
        assert door.intake.kept == []

    def test_too_many_bodies_at_once_are_to_come_again_and_the_room_is_given_back(self) -> None:
        door = Door(room=1500)

        async def both() -> list[int]:
            door.intake.go = asyncio.Event()
            first = asyncio.ensure_future(ask(door.app, "/in/contact", b"x" * 900))
            await asyncio.sleep(0)
            second = await ask(door.app, "/in/contact", b"x" * 900)
            door.intake.go.set()
            return [(await first).status, second.status]

        assert asyncio.run(both()) == [200, 503]
        assert door.ask("/in/contact", b"x" * 900).status == 200

    def test_posts_of_just_anybody_leave_room_for_those_who_prove_who_they_are(self) -> None:
        door = Door(room=2000, locked=False)
        door.app.door.slots = {**door.app.door.slots, "signed": Slot(door.source, locked=True)}

        async def flood() -> list[int]:
            door.intake.go = asyncio.Event()
            first = asyncio.ensure_future(ask(door.app, "/in/contact", b"x" * 700))
            await asyncio.sleep(0)
            second = await ask(door.app, "/in/contact", b"y" * 700)
            signed = asyncio.ensure_future(ask(door.app, "/in/signed", b"z" * 700))
            await asyncio.sleep(0)
            door.intake.go.set()
            return [(await first).status, second.status, (await signed).status]

        assert asyncio.run(flood()) == [200, 503, 200]


class TestTokens:
    @pytest.mark.parametrize("path", ["/in/contact/s3cret", "/in/contact?token=s3cret"])
    def test_the_token_may_stand_in_the_path_or_the_query(self, path: str) -> None:
        assert Door(token="s3cret").ask(path).status == 200

    @pytest.mark.parametrize(
        "path",
        ["/in/contact", "/in/contact/wrong", "/in/contact?token=s3cre", "/in/contact/s3cret/", "/in/contact/%C3%A4"],
    )
    def test_without_it_nothing_is_read(self, path: str) -> None:
        read = []

        async def note() -> None:
            read.append(True)

        door = Door(token="s3cret")
        answer = door.ask(f"/in/contact{path}", b"x", before_each=note)

        assert (answer.status, answer.text) == (401, "not authenticated\n")
        assert (len(read), door.source.requests) == (1, [])  # what comes is let go, so that the answer arrives


class TestProxies:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "client"),
        [
            ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
            ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
            ("10.1.2.3", "1.1.1.1, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
            ("10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
            ("10.1.2.3", "", "10.1.2.3"),
            ("192.0.2.1", "198.51.100.7", "198.51.100.7"),
            ("", "198.51.100.7", ""),
        ],
    )
    def test_only_listed_proxies_are_believed(self, peer: str, forwarded: str, client: str) -> None:
        door = Door(senders=Senders(["10.0.0.0/8", "192.0.2.1/32"]))

        door.ask(client=peer, headers=[("x-forwarded-for", forwarded)] if forwarded else [])

        assert door.source.requests[0].client == client

    def test_without_listed_proxies_the_header_says_nothing(self) -> None:
        door = Door()

        door.ask(headers=[("x-forwarded-for", "198.51.100.7")])

        assert door.source.requests[0].client == "203.0.113.9"


class TestRates:
    """Two at once from an address, and three to a source; then one in a hundred seconds."""

    def door(self, **how: Any) -> Door:
        return Door(rates=Rates(Rate(0.01, 2), Rate(0.01, 3)), **how)

    def answers(self, door: Door, *clients: str, path: str = "/in/contact", **how: Any) -> list[int]:
        return [door.ask(path, client=client, **how).status for client in clients]

    def test_where_anybody_may_post_each_address_has_its_share(self) -> None:
        door = self.door(locked=False)

        assert self.answers(door, "203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.7") == [200, 200, 429, 200]
        assert door.received() == {("contact", "accepted"): 3, ("contact", "too many"): 1}

    def test_what_is_too_much_is_not_read_and_may_come_again(self) -> None:
        door = self.door(locked=False)
        self.answers(door, "203.0.113.9", "203.0.113.9")

        answer = door.ask()

        assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (429, "30", "close")
        assert len(door.source.requests) == 2

    def test_all_addresses_together_have_the_share_of_the_source(self) -> None:
        answers = self.answers(self.door(locked=False), *(f"203.0.113.{number}" for number in range(5)))

        assert answers == [200, 200, 200, 429, 429]

    def test_who_can_prove_who_they_are_is_not_counted(self) -> None:
        assert self.answers(self.door(), *["203.0.113.9"] * 9) == [200] * 9

    def test_failed_proofs_are_counted_by_source_and_sender(self) -> None:
        door = self.door(source=raising(Unauthenticated("no")))

        assert self.answers(door, *["203.0.113.9"] * 3, "203.0.113.7") == [401, 401, 429, 401]

    def test_wrong_tokens_too_and_nobody_else_has_to_wait(self) -> None:
        door = self.door(token="s3cret")

        wrong = self.answers(door, *["203.0.113.9"] * 3, path="/in/contact/wrong")

        assert wrong == [401, 401, 429]
        assert self.answers(door, "203.0.113.7", path="/in/contact/s3cret") == [200]

    def test_preflights_are_no_posts(self) -> None:
        door = self.door(locked=False, source=FakeSource(lambda _: Received([], WebReply(204))))

        assert self.answers(door, *["203.0.113.9"] * 5, method="OPTIONS") == [204] * 5

    def test_and_keep_nothing_so_that_they_are_no_way_around(self) -> None:
        door = Door()

        assert door.ask(method="OPTIONS").status == 405
        assert door.intake.kept == []

    @pytest.mark.parametrize("client", ["127.0.0.1", "::1", ""])
    def test_this_machine_may_be_a_proxy_that_nobody_told_us_of(self, client: str) -> None:
        assert self.answers(self.door(locked=False), *[client] * 9) == [200] * 9

    def test_a_proxy_that_nobody_listed_is_told_to_who_reads_the_log(self) -> None:
        with capture_logs() as told:
            door = self.door(locked=False)
            answers = self.answers(door, *["10.0.0.1"] * 3, headers=[("x-forwarded-for", "203.0.113.9")])

        assert answers == [200, 200, 429]
        assert [(event["log_level"], event["remedy"]) for event in told] == [
            ("warning", "it forwards for others: name that proxy in web.trusted_proxies")
        ]

    def test_behind_a_listed_proxy_the_client_is_counted(self) -> None:
        door = self.door(locked=False, senders=Senders(["10.0.0.0/8"]))

        first = self.answers(door, *["10.0.0.1"] * 3, headers=[("x-forwarded-for", "203.0.113.9")])
        other = self.answers(door, "10.0.0.1", headers=[("x-forwarded-for", "203.0.113.7")])

        assert (first, other) == ([200, 200, 429], [200])


class TestRefusedUnread:
    def test_the_rest_of_a_refused_body_is_let_go_so_that_the_answer_arrives(self) -> None:
        read = []

        async def note() -> None:
            read.append(True)

        answer = Door().ask("/in/contact", *[b"x" * 400] * 9, before_each=note)

        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert len(read) == 9

    def test_a_body_that_was_read_is_not_waited_for(self) -> None:
        read = []

        async def note() -> None:
            read.append(True)

        assert Door(raising(Rejected("no"))).ask("/in/contact", b"x", before_each=note).status == 400
        assert len(read) == 1


class TestReload:
    def test_a_swapped_source_answers_from_the_next_request_on(self) -> None:
        door = Door()
        door.app.door.slots = {"webinar": Slot(FakeSource())}

        assert [door.ask(path).status for path in ("/in/contact", "/in/webinar")] == [503, 200]


class TestTheRest:
    @pytest.fixture
    def site(self, store: Store) -> tuple[Web, Metrics, FakeIntake]:
        metrics, intake = Metrics(), FakeIntake()
        health = Health(store, intake, list)  # type: ignore[arg-type]
        door = FrontDoor({}, intake, FakeClock(), metrics, 1000)  # type: ignore[arg-type]
        return build_web(door, health, metrics), metrics, intake

    def test_alive_and_ready(self, site: tuple[Web, Metrics, FakeIntake]) -> None:
        app, _, _ = site

        live, ready = (asked(app, path, method="GET") for path in ("/healthz", "/readyz"))

        assert (live.status, ready.status) == (200, 200)
        assert json.loads(ready.body)["ready"] is True
        for answer in (live, ready, asked(app, "/metrics", method="GET")):
            assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == (
                "nosniff",
                "no-store",
            )

    def test_red_while_nothing_can_be_kept(self, site: tuple[Web, Metrics, FakeIntake]) -> None:
        app, _, intake = site
        intake.trouble = "disk is full"

        live, ready = (asked(app, path, method="GET") for path in ("/healthz", "/readyz"))

        assert (live.status, ready.status) == (200, 503)
        assert json.loads(ready.body)["intake"] == "disk is full"

    def test_a_dead_writer_is_dead(self, site: tuple[Web, Metrics, FakeIntake]) -> None:
        app, _, intake = site
        intake.alive = False

        assert asked(app, "/healthz", method="GET").status == 503

    def test_the_figures_are_told_even_when_the_store_is_away(self, site: tuple[Web, Metrics, FakeIntake]) -> None:
        app, metrics, _ = site

        def away() -> list[tuple[str, str, str, int]]:
            raise StoreBusy("away")

        metrics.watch(away)
        asked(app, "/in/nobody", b"")

        answer = asked(app, "/metrics", method="GET")

        assert answer.status == 200
        assert 'syncd_received_total{result="unknown source",source="?"} 1.0' in answer.text

    def test_there_is_nothing_else(self, site: tuple[Web, Metrics, FakeIntake]) -> None:
        app, _, _ = site

        paths = ("/", "/docs", "/admin", "/in", "/a%0Ab")

        assert [asked(app, path, method="GET").status for path in paths] == [404] * 5


def test_a_slow_store_does_not_stop_other_requests(store: Store) -> None:
    committing, commit = threading.Event(), threading.Event()

    class Slow:
        def accept(self, submissions: Sequence[Submission]) -> None:
            committing.set()
            commit.wait(10)
            store.inbox.accept([replace(one) for one in submissions])

    intake = Intake(Slow(), Bell())  # type: ignore[arg-type]
    intake.start()
    door = Door(intake=intake)

    async def both() -> tuple[int, bool, int]:
        first = asyncio.ensure_future(ask(door.app, "/in/contact", b"1"))
        await asyncio.to_thread(committing.wait, 10)
        other = await ask(door.app, "/in/nobody", b"")
        still_waits = not first.done()
        commit.set()
        return other.status, still_waits, (await first).status

    assert asyncio.run(both()) == (503, True, 200)
    intake.close()
