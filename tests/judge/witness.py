"""What is heard on the way to Prism and back: calls by operation, and what Prism said against them."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from syncd.connector import HttpClient, HttpReply
from tests.judge.specification import Operation, Specification


class Hearing:
    """Everything that was heard. `answers`: whether they are ours, and so are judged too."""

    def __init__(self, specification: Specification, *, answers: bool) -> None:
        self.specification, self.answers = specification, answers
        self.calls: Counter[Operation] = Counter()
        self.violations: Counter[str] = Counter()

    def hear(self, method: str, path: str, reply: HttpReply) -> None:
        operation = self.specification.operation(method, path)
        self.calls[operation] += 1
        for violation in violations_in(reply, answers=self.answers):
            self.violations[f"{' '.join(operation)}: {violation}"] += 1


class Witness(HttpClient):
    """Between our client and Prism. Changes nothing, unless the answers are to come from somewhere else."""

    def __init__(self, hearing: Hearing, answered_by: str = "") -> None:
        super().__init__(timeout=(2, 20))
        self.hearing, self.answered_by = hearing, answered_by

    def call(self, method: str, url: str, **details: Any) -> HttpReply:  # type: ignore[override]  # passed on whole
        reply = super().call(method, url, **details)
        path = urlsplit(url).path
        self.hearing.hear(method, path, reply)
        return super().call(method, self.answered_by + path, **details) if self.answered_by else reply


def violations_in(reply: HttpReply, *, answers: bool) -> list[str]:
    """What Prism says against the request, and against the answer if that is asked; empty where it has nothing to say.

    It lists violations of the schema in a header, or in the problem document that it answers instead. Other complaints
    (no such path, no such method, no answer of that status in the specification) are such a document alone.
    """
    is_problem = "problem+json" in reply.headers.get("content-type", "")
    problem = json.loads(reply.body or b"{}") if is_problem else {}
    listed = json.loads(reply.headers.get("sl-violations", "[]")) or problem.get("validation") or []
    if listed:
        found = [each for each in listed if str(each["severity"]) == "Error"]
        return [_told(each) for each in found if answers or each["location"][0] != "response"]
    if not problem:
        return []
    return [f"{str(problem.get('type', '')).rpartition('#')[2]}: {problem.get('detail') or problem.get('title')}"]


def _told(violation: Mapping[str, Any]) -> str:
    return f"{'.'.join(map(str, violation['location']))}: {violation['message']}"
