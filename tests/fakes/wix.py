"""The Forms API of Wix as a real HTTP server: the forms of one site, and what was submitted to them.

https://dev.wix.com/docs/api-reference/crm/forms/form-submissions/query-submissions-by-namespace
"""

from datetime import datetime
from typing import Any

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal

API_KEY = "canary-wix-api-key"
SITE = "f7d5451f-9488-4d3f-bbba-96f6f5279118"
NAMESPACE = "wix.form_app.form"
MOST = 100


class FakeWix(FakeServer):
    def __init__(self, forms: list[dict[str, Any]]) -> None:
        super().__init__()
        self.forms = {form["id"]: form for form in forms}
        self.submissions: list[dict[str, Any]] = []
        self.shows_forms = True
        self._queries: dict[str, list[dict[str, Any]]] = {}

    def submit(self, form: str, own: str, at: datetime, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
        submission = {
            "id": own,
            "formId": form,
            "namespace": NAMESPACE,
            "status": "CONFIRMED",
            "submissions": fields,
            "createdDate": f"{at:%Y-%m-%dT%H:%M:%S}.123Z",
            "updatedDate": f"{at:%Y-%m-%dT%H:%M:%S}.456Z",
            "revision": "1",
            "seen": False,
            **more,
        }
        with self.lock:
            self.submissions.append(submission)
        return submission

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != API_KEY:
            return self.refusal(Fault("unauthorized"))
        if call.headers.get("wix-site-id") != SITE:
            return Answer(403, {"message": "Forbidden", "details": {}})
        match call.method, call.path.strip("/").split("/"):
            case "POST", ["form-submission-service", "v4", "submissions", "namespace", "query"]:
                return Answer(200, self._queried(call.json()))
            case "GET", ["form-schema-service", "v4", "forms", *own] if self.shows_forms:
                return self._shown(call, *own)
        return Answer(403 if call.path.startswith("/form-schema-service") else 404, {"message": ""})

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"message": "Too many requests"}, {"Retry-After": "7"})
        return Answer(401, {"message": "Unauthorized"})

    def _shown(self, call: Call, own: str = "") -> Answer:
        if own:
            form = self.forms.get(own)
            return Answer(200, {"form": form}) if form else Answer(404, {"message": "FORM_NOT_FOUND"})
        if call.first("namespace") != NAMESPACE:
            raise Refusal(Answer(400, {"message": "namespace must not be empty"}))
        return Answer(200, {"forms": [*self.forms.values()]})

    def _queried(self, asked: dict[str, Any]) -> dict[str, Any]:
        query, paging = asked["query"], asked["query"]["cursorPaging"]
        size, cursor = paging.get("limit", 50), paging.get("cursor", "")
        if asked.keys() - {"query", "onlyYourOwn"} or asked.get("onlyYourOwn") is not False:
            raise Refusal(Answer(400, {"message": "none but those of the caller itself"}))
        if not 1 <= size <= MOST:
            raise Refusal(Answer(400, {"message": f"cursorPaging.limit must be at most {MOST}"}))
        if cursor and query.keys() != {"cursorPaging"}:
            raise Refusal(Answer(400, {"message": "a cursor stands for filter and sort"}))
        own, _, start = (cursor or f"{len(self._queries)}:0").partition(":")
        if not cursor:
            self._queries[own] = self._found(query)
        if own not in self._queries:
            raise Refusal(Answer(400, {"message": "the cursor is not known"}))
        found, begin = self._queries[own], int(start)
        page, more = found[begin : begin + size], begin + size < len(found)
        cursors = {"next": f"{own}:{begin + size}"} if more else {}
        return {"submissions": page, "metadata": {"count": len(page), "cursors": cursors, "hasNext": more}}

    def _found(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = query.get("filter", {})
        if wanted.get("namespace") != NAMESPACE or wanted.keys() - {"namespace", "createdDate", "formId"}:
            raise Refusal(Answer(400, {"message": "filter by one namespace, and by what can be filtered by"}))
        if query.get("sort") != [{"fieldName": "createdDate", "order": "ASC"}]:
            raise Refusal(Answer(400, {"message": "sort must name a field and an order"}))
        since = datetime.fromisoformat(wanted["createdDate"]["$gte"])
        found = [one for one in self.submissions if datetime.fromisoformat(one["createdDate"]) >= since]
        of_form = [one for one in found if wanted.get("formId", one["formId"]) == one["formId"]]
        return sorted(of_form, key=lambda one: str(one["createdDate"]))
