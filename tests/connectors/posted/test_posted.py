"""Every provider of the table: what it posts becomes the submission it is, and nobody else can post it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from syncd.connector import AnswerKind, Received, Rejected, Unauthenticated, WebRequest
from syncd.testing import SourceContract
from syncd.testing.hostile import hostile_bodies
from tests.connectors.posted import ads, events, hosted, sites
from tests.connectors.posted.case import OTHER_SECRET, SECRET, TOKEN, Case

CASES = (*hosted.CASES, *sites.CASES, *ads.CASES, *events.CASES)
PROVEN = tuple(case for case in CASES if case.proof or case.key_inside)
every_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_proof = pytest.mark.parametrize("case", PROVEN, ids=lambda case: case.name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name, scope="class")
class TestContract(SourceContract):
    secrets = (SECRET, TOKEN)

    @pytest.fixture(autouse=True)
    def _of(self, case: Case) -> None:
        self.case, self.plugin = case, case.plugin

    @pytest.fixture
    def source(self, case: Case) -> Any:
        return case.source()

    def delivery(self) -> WebRequest:
        return self.case.request()

    def signed(self, body: bytes) -> WebRequest:
        return self.case.request(body)

    def answers_to_hostile_bytes(self, source: Any) -> Iterator[Received | Rejected]:
        """A third of the damage that others get: what reads the bytes is the same for all of the table."""
        for body in hostile_bodies(self.delivery().body, damages=20):
            yield self.outcome(source, self.signed(body))

    def forged(self) -> Iterable[WebRequest]:
        if self.case not in PROVEN:
            pytest.skip("does not apply: the provider signs nothing, and the token is asked for at the door")
        yield from forgeries(self.case)


def forgeries(case: Case) -> Iterator[WebRequest]:
    """As somebody else could send it."""
    whole = case.request()
    if case.proof:
        yield replace(whole, headers={"content-type": case.content_type})
        yield replace(whole, body=whole.body[:-1] + bytes([whole.body[-1] ^ 1]))
        yield case.request(secret=OTHER_SECRET)
        for name in case.proof(whole.body, SECRET):
            given = whole.headers[name]
            yield replace(whole, headers={**whole.headers, name: given[:-1] + chr(ord(given[-1]) ^ 1)})
    if case.key_inside:
        yield replace(whole, body=whole.body.replace(SECRET.encode(), OTHER_SECRET.encode()))
        yield replace(whole, body=whole.body.replace(case.key_inside.encode(), b"Elsewhere"))
    if case.old:
        yield replace(whole, headers={**whole.headers, **case.old})


@every_provider
def test_what_is_posted_becomes_the_submission_that_it_is(case: Case) -> None:
    submission = case.source().receive(case.request()).submissions[0]

    found = {answer.id: answer for answer in submission.answers}
    told = {own: _as_wanted(found.get(own), wanted) for own, wanted in case.answers.items()}
    assert told == dict(case.answers)
    assert found.keys() == case.answers.keys()
    context = submission.context
    assert submission.key.startswith(case.key)
    assert (submission.window is None) == (case.key != "sha256:")
    assert (submission.submitted_at, context.form_id, context.form_name) == (case.at, *case.form)
    assert (context.page_url, context.test, context.no_lead) == (case.page_url, False, case.no_lead)


@every_proof
def test_while_a_secret_is_replaced_the_old_and_the_new_one_hold(case: Case) -> None:
    told = dict(case.options)
    first = told.pop("secret")
    source = (
        replace(case, options={**told, "secrets": [first], "secret": OTHER_SECRET}).source()
        if (not first.startswith("whsec_"))
        else case.source()
    )

    assert source.receive(case.request()).submissions


@pytest.mark.parametrize("case", [case for case in PROVEN if case.proof], ids=lambda case: case.name)
def test_whoever_has_a_key_and_no_token_takes_nothing_from_strangers(case: Case) -> None:
    without = {name: value for name, value in case.options.items() if name not in {"secret", "url"}}
    if "api_token" not in case.plugin.options.model_fields:
        with pytest.raises(ValueError, match="anybody could post"):
            replace(case, options=without).source()
        return
    form = {"form_id": "f1"} if "form_id" in case.plugin.options.model_fields else {}
    source = replace(case, options={**without, "api_token": "key-for-the-api", **form}).source()

    with pytest.raises(Unauthenticated):
        source.receive(case.request())


@every_proof
@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 500])
def test_of_a_stranger_nothing_is_kept_that_nobody_can_read(case: Case, body: bytes) -> None:
    unproven = replace(case.request(), body=body, headers={"content-type": case.content_type})

    with pytest.raises(Rejected):
        case.source().receive(unproven)


def _as_wanted(answer: Any, wanted: object) -> object:
    """As much of the answer as the table names."""
    if answer is None:
        return None
    named_kind = isinstance(wanted, tuple) and any(isinstance(one, AnswerKind) for one in wanted)
    return (answer.value, answer.kind, answer.label) if named_kind else answer.value
