"""Every provider of the table: what it posts becomes the submission it is, and nobody else can post it."""

from collections.abc import Iterable
from typing import Any

import pytest

from syncd.connector import AnswerKind, WebRequest
from syncd.testing import SourceContract
from tests.connectors.posted import hosted
from tests.connectors.posted.case import SECRET, TOKEN, Case

CASES = (*hosted.CASES,)
every_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


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

    def forged(self) -> Iterable[WebRequest]:
        if self.case.proof is None:
            pytest.skip("does not apply: the provider signs nothing, and the token is asked for at the door")
        whole = self.case.request()
        yield WebRequest("POST", {"content-type": self.case.content_type}, {}, whole.body, whole.received_at)
        yield WebRequest("POST", whole.headers, {}, whole.body[:-1] + bytes([whole.body[-1] ^ 1]), whole.received_at)
        yield from (forge(whole) for forge in self.case.forgeries)


@every_provider
def test_what_is_posted_becomes_the_submission_that_it_is(case: Case) -> None:
    submission = case.source().receive(case.request()).submissions[0]

    found = {answer.id: answer for answer in submission.answers}
    told = {own: _as_wanted(found.get(own), wanted) for own, wanted in case.answers.items()}
    assert told == dict(case.answers)
    assert found.keys() == case.answers.keys()
    context = submission.context
    assert submission.key.startswith(case.key)
    assert (submission.submitted_at, context.form_id, context.form_name) == (case.at, *case.form)
    assert (context.page_url, context.test) == (case.page_url, case.test)


def _as_wanted(answer: Any, wanted: object) -> object:
    """As much of the answer as the table names."""
    if answer is None:
        return None
    named_kind = isinstance(wanted, tuple) and any(isinstance(one, AnswerKind) for one in wanted)
    return (answer.value, answer.kind, answer.label) if named_kind else answer.value
