"""One event a line: JSON for machines, colours for a terminal. Secrets and personal data are taken out last.

An event is a short past-tense phrase that never changes, with the facts as fields. Ids are facts; names,
addresses, bodies and tokens are not, and what looks like one is masked whatever its key is called.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

Format = Literal["auto", "console", "json"]

_HIDDEN_KEYS = re.compile(
    r"(?i)^(?!.*_(id|count|ms|seconds)$).*(token|secret|password|authorization|cookie|api_?key|email|phone|body|answers|first_name|last_name|message_text).*$"
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"\+\d[\d ()/-]{6,20}\d")
_TOKEN = re.compile(r"\b(?:pat-[\w-]{8,}|Bearer\s+\S+|whsec_\S+|eyJ[\w-]{10,}\.[\w.-]+)")
_LONGEST = 500
MASK = "[hidden]"


def set_up(level: str = "info", form: Format = "auto") -> None:
    """Send everything to standard error; libraries' own logging comes through the same processors."""
    pretty = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
        )
        if not pretty
        else structlog.processors.format_exc_info,
        redact,
    ]
    render: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_drop_meta, render], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask by key and by what a value looks like; one line per event, whatever a value holds."""
    for key, value in event.items():
        if _HIDDEN_KEYS.match(key):
            event[key] = MASK
        else:
            event[key] = _clean(value)
    return event


def plain(text: str) -> str:
    """A text without addresses, phone numbers and tokens, on one line."""
    masked = _PHONE.sub(MASK, _EMAIL.sub(MASK, _TOKEN.sub(MASK, text)))
    return "".join(char if char.isprintable() else " " for char in masked)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return (
            plain(value[:_LONGEST]) if not value.startswith("Traceback") else _EMAIL.sub(MASK, _TOKEN.sub(MASK, value))
        )
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value


def _drop_meta(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event


def get(name: str) -> Any:
    """A logger whose events carry the part of syncd that speaks."""
    return structlog.get_logger().bind(part=name)
