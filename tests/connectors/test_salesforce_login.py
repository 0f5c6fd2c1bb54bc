"""Four ways in, one login at a time, and none of the library's own."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from connectors.sinks.salesforce import SalesforceOptions
from syncd.connector import AuthFailed, ConfigError, Retryable
from tests.connectors.hubspot_world import keys, record, refs
from tests.connectors.salesforce_world import ANNA, World, salesforce_world

TOKEN = "POST /services/oauth2/token"
CLIENT = {"client_id": "c", "client_secret": "s"}


@pytest.fixture(scope="module")
def key_pair() -> tuple[str, str]:
    """(private, public) in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with salesforce_world(tmp_path, rotates=True) as world:
        yield world


def by_refresh_token(world: World) -> dict[str, Any]:
    own = world.fake.options
    return {"client_id": own.client_id, "client_secret": own.client_secret, "refresh_token": own.refresh_token}


def test_assertion_is_signed_by_us(tmp_path: Path, key_pair: tuple[str, str]) -> None:
    private, public = key_pair
    with salesforce_world(tmp_path, public_key=public) as world:
        own = world.fake.options
        jwt = {"client_id": own.client_id, "username": own.username, "private_key": private}

        sink = world.another_sink(jwt=jwt)

        assert sink.owners()[ANNA].active
        world.advance(hours=2)  # an assertion lasts minutes: the next one is signed anew
        assert sink.find([keys(1)]) == [None]


def test_assertion_by_another_key_is_refused(tmp_path: Path, key_pair: tuple[str, str]) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    public = stranger.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with salesforce_world(tmp_path, public_key=public.decode()) as world:
        own = world.fake.options
        jwt = {"client_id": own.client_id, "username": own.username, "private_key": key_pair[0]}

        with pytest.raises(AuthFailed, match="invalid_grant"):
            world.another_sink(jwt=jwt).owners()


def test_key_that_is_none_is_a_mistake_of_the_config(world: World) -> None:
    own = world.fake.options
    jwt = {"client_id": own.client_id, "username": own.username, "private_key": "-----BEGIN SECRET-----"}

    with pytest.raises(ConfigError, match="private_key") as raised:
        world.another_sink(jwt=jwt).owners()
    assert "BEGIN SECRET" not in str(raised.value)


def test_rotated_refresh_token_outlives_a_restart(world: World) -> None:
    login = by_refresh_token(world)
    assert world.another_sink(oauth=login).owners()

    assert world.another_sink(oauth=login).owners()


def test_many_threads_that_find_a_session_ended_log_in_once(world: World) -> None:
    refs(world.sink.upsert([record(1)]))
    world.fake.end_sessions()
    together = threading.Barrier(8)

    def look() -> None:
        together.wait()
        world.sink.find([keys(1)])

    with world.counted() as made:
        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert made[TOKEN] == 1


def test_session_that_is_refused_for_ever_costs_one_login_a_call(world: World) -> None:
    """The library itself would log in again and again: 60 times were counted before its service relented."""
    world.sink.find([keys(1)])
    world.fake.order_fault("unauthorized", path="/services/data/*", count=None)

    with world.counted() as made, pytest.raises(AuthFailed, match="INVALID_SESSION_ID"):
        world.sink.find([keys(1)])

    assert made == {TOKEN: 1, "POST /composite": 2}


def test_refused_login_is_not_tried_again_at_once(world: World) -> None:
    world.fake.refuse_login()
    sink = world.another_sink()

    with world.counted() as made:
        for _ in range(5):
            with pytest.raises(AuthFailed):
                sink.find([keys(1)])

    assert made == {TOKEN: 1}


@pytest.mark.parametrize("body", [b"[]", b"{", b"<html>", b'{"access_token":"x"}'])
def test_login_that_is_answered_with_something_else_is_no_login(world: World, body: bytes) -> None:
    world.fake.order_fault("answer", path="/services/oauth2/token", status=200, body=body, count=None)

    with pytest.raises((AuthFailed, Retryable)):
        world.another_sink().owners()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give one of"),
        ({"oauth": {**CLIENT, "refresh_token": "r"}, "client_credentials": CLIENT}, "give one of"),
        ({"password": {**CLIENT, "username": "u", "password": "p"}}, "legacy: yes"),
        ({"client_credentials": CLIENT}, "your own domain"),
    ],
)
def test_login_that_cannot_work_is_told_before_it_is_tried(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SalesforceOptions(**given)
