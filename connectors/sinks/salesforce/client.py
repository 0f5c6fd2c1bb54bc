"""One call to Salesforce: where it goes, as whom, and what its answer means.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote

from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from connectors.sinks.salesforce.failures import ID, Fault, fault_of, trouble_of
from connectors.sinks.salesforce.limits import Meter
from connectors.sinks.salesforce.login import IDENTITY, INSTANCE, login_of
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.transport import Salesforce, Session, salesforce
from syncd.connector import AuthFailed, Ref, Refused, Retryable, Tools, list_in, object_in, objects_in

BATCH = 200  # records of one collection
QUERIES = 5  # of one composite call
PEOPLE = {"00Q": "Lead", "003": "Contact"}
WRITING = {
    "Sforce-Auto-Assign": "FALSE",  # otherwise an assignment rule of the organisation may override the owner
    "Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=true; runAsCurrentUser=true",
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    soql: str
    deleted: bool = False  # deleted and merged records as well


class Client:
    """Thread-safe. Never retries, but for one replay with a renewed token: a 401 has done nothing."""

    def __init__(self, options: SalesforceOptions, tools: Tools) -> None:
        self.meter = Meter()
        self._version = options.api_version
        save = "allowSave=true" if options.duplicates == "save" else "allowSave=false"
        self._writing = {name: value.replace("allowSave=false", save) for name, value in WRITING.items()}
        self._http = tools.http
        self._login = login_of(options, tools)
        self._session = Session(tools.http, self.meter.note)
        self._lock = Lock()
        self._as: tuple[str, Salesforce] | None = None

    def get(self, path: str, *, what: str) -> Any:
        """An object or a list. Raises AuthFailed, RateLimited, Retryable; Refused where the question is judged."""
        return self._accepted(self._call("GET", path, what, writes=False), what)

    def write(self, method: str, path: str, *, what: str, json: object) -> Any:
        """An object, a list, or a Fault where Salesforce judged what was sent. Raises Ambiguous as well."""
        return self._call(method, path, what, writes=True, json=json)

    def rows(self, soql: Sequence[str | Query], *, what: str) -> list[list[Row]]:
        """All rows of each query; as many calls as it takes, five queries a call. Raises as `get`."""
        queries = [Query(each) if isinstance(each, str) else each for each in soql]
        answers = [self._accepted(answer, what) for answer in self.ask(queries, what=what)]
        return [[row for page, _ in self.pages(answer, what) for row in page] for answer in answers]

    def ask(self, queries: Sequence[Query], *, what: str) -> list[Row | Fault]:
        """The first page of each query, or what Salesforce has against it; five queries a call. Raises as `get`."""
        answers: list[Row | Fault] = []
        for start in range(0, len(queries), QUERIES):
            answers += self._ask(queries[start : start + QUERIES], what)
        return answers

    def pages(self, answer: Row, what: str) -> Iterator[tuple[list[Row], bool]]:
        """From the first page on: the rows, and whether they are the last. Raises as `get`."""
        seen = set()
        while True:
            done, following = answer.get("done"), str(answer.get("nextRecordsUrl") or "")
            if not isinstance(answer.get("records"), list) or not (done is True or (done is False and following)):
                raise Retryable(f"salesforce: {what} answered without what was asked for")
            yield objects_in(answer["records"]), done
            if done:
                return
            if following in seen:
                raise Retryable(f"salesforce: {what}: the page after this one is this one again")
            seen.add(following)
            answer = object_in({"answer": self.get(f"query/{following.rpartition('/')[2]}", what=what)}, "answer")

    def _ask(self, queries: Sequence[Query], what: str) -> list[Row | Fault]:
        """By one call, in its body, where no length of an address counts."""
        base = f"/services/data/v{self._version}"
        requests = [
            {
                "method": "GET",
                "url": f"{base}/{'queryAll' if query.deleted else 'query'}/?q={quote(query.soql, safe='')}",
                "referenceId": f"q{at}",
            }
            for at, query in enumerate(queries)
        ]
        body = {"allOrNone": False, "compositeRequest": requests}
        answer = self._accepted(self._call("POST", "composite", what, writes=False, json=body), what)
        parts = {str(part.get("referenceId")): part for part in objects_in(list_in(answer, "compositeResponse"))}
        return [self._part(parts.get(f"q{at}"), what) for at in range(len(queries))]

    def versions(self) -> Any:
        """The list of those that the organisation offers. Raises as `get`."""
        what = "list of API versions"
        return self._accepted(self._call("GET", "", what, writes=False, root=True), what)

    def ref(self, word: str, record_id: str) -> Ref:
        """A record with the address where a person can open it."""
        instance = self._login.detail(INSTANCE).rstrip("/")
        kind = PEOPLE.get(record_id[:3], "Task")
        return Ref(word, record_id, f"{instance}/lightning/r/{kind}/{record_id}/view" if instance else "")

    def me(self) -> str:
        """The id of the user we are; empty where the login did not say."""
        found = self._login.detail(IDENTITY).rpartition("/")[2]
        return found if ID.fullmatch(found) else ""

    def close(self) -> None:
        self._http.close()

    def _part(self, part: Row | None, what: str) -> Row | Fault:
        status, body = (part or {}).get("httpStatusCode"), (part or {}).get("body")
        if status == 200 and isinstance(body, dict):
            return body
        told = f"salesforce: {what}"
        if not isinstance(status, int) or status == 200:
            raise Retryable(f"{told} answered without what was asked for")
        raised = trouble_of(told, status, body, writes=False)
        if raised is not None:
            raise raised
        return fault_of(body, status)

    def _accepted(self, answer: Any, what: str) -> Any:
        if isinstance(answer, Fault):
            raise Refused(f"salesforce: {what} refused: {answer}")
        return answer

    def _call(self, method: str, path: str, what: str, *, writes: bool, json: object = None, root: bool = False) -> Any:
        told = f"salesforce: {what}"

        def send(token: str) -> Any:
            headers = self._writing if writes else {}
            library = self._with(token, root=root)
            return library.restful(path, method=method, what=told, writes=writes, json=json, headers=headers)

        token = self._login.token()
        try:
            try:
                return send(token)
            except SalesforceExpiredSession:
                if not self._login.renew(token):
                    raise
            return send(self._login.token())
        except SalesforceError as error:  # its words hold the address, and so what was looked for
            status, content = int(error.status), error.content
        raised = trouble_of(told, status, content, writes=writes)
        if raised is not None:
            raise raised
        return fault_of(content, status)

    def _with(self, token: str, *, root: bool) -> Salesforce:
        """The library's object for this token; one for all threads. `root`: of no version."""
        instance = self._login.detail(INSTANCE)
        if not instance:
            raise AuthFailed("salesforce: login told no instance_url")
        if root:
            return salesforce(self._session, token, instance, "")
        with self._lock:
            if self._as is None or self._as[0] != token:
                self._as = token, salesforce(self._session, token, instance, self._version)
            return self._as[1]
