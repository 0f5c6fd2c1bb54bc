"""The JSON that the daemon answers, as JSON Schema. A test holds it against real answers."""

from collections.abc import Mapping
from typing import Any

_STRING, _BOOL = {"type": "string"}, {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}


def ref(name: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _record(**members: Any) -> Mapping[str, Any]:
    """All of them, and no other."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _list(of: Any) -> Mapping[str, Any]:
    return {"type": "array", "items": of}


def _texts(*names: str) -> Mapping[str, Any]:
    return dict.fromkeys(names, _STRING)


_ORDER = _record(**_texts("id", "sink", "kind", "what", "subject", "state", "state_means", "reason", "ref", "url"))
_LEAD = _record(
    **_texts("id", "received", "who", "company", "email", "source", "form", "owner", "task", "due", "due_at"),
    **_texts("state", "state_means"),
    task_open=_BOOL,
    can_finish=_BOOL,
    interactions=_COUNT,
    orders=_list(ref("Order")),
)
_NAMED = {"type": "object", "additionalProperties": _STRING}

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Order": _ORDER,
    "Lead": _LEAD,
    "Leads": _record(
        leads=_list(ref("Lead")),
        aside=_list(_record(**_texts("id", "received", "form", "state", "reason"))),
        parked=_COUNT,
        waiting=_COUNT,
        announced=_COUNT,
        paused=_list(_record(**_texts("sink", "reason"))),
        silent=_list(_record(**_texts("source", "reason"))),
    ),
    "Done": _record(done=_BOOL, reason=_STRING),
    "Trouble": _record(error=_STRING),
    "Ready": _record(
        ready=_BOOL,
        **_texts("store", "intake"),
        sinks={"type": "object", "additionalProperties": _record(**_texts("state", "reason", "since", "until"))},
        loops=_NAMED,
        notes=_NAMED,
        silent={"type": "object", "additionalProperties": _record(**_texts("reason", "since"))},
    ),
}
