"""One event a line: JSON for machines, colours for a terminal. Secrets and personal data are taken out last.

An event is a short past-tense phrase that never changes, with the facts as fields. Ids are facts; names,
addresses, bodies and tokens are not, and what looks like one is masked whatever its key is called.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

Format = Literal["auto", "console", "json"]

_HIDDEN_KEYS = re.compile(
    r"(?i)^(?!.*_(id|count|ms|seconds)$).*(token|secret|password|authorization|cookie|api_?key|email|phone|body|answers|first_name|last_name|message_text).*$"
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"\+\d[\d ()/-]{6,20}\d")
_TOKEN = re.compile(r"\b(?:pat-[\w-]{8,}|Bearer\s+\S+|whsec_\S+|eyJ[\w-]{10,}\.[\w.-]+)")
_PASSWORD = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_LONGEST = 500
_MOST_FRAMES = 20
MASK = "[hidden]"


def set_up(level: str = "info", form: Format = "auto") -> None:
    """Send everything to standard error; libraries' own logging comes through the same processors."""
    pretty = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_readable if pretty else _listed),
        redact,
    ]
    render: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    number = logging.getLevelNamesMapping()[level.upper()]
    output = _Output(sys.stderr)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: output,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(output)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_drop_meta, render], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it repeats whole addresses, secrets and all
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # a line for every broken form, twice told


def get(name: str) -> Any:
    """A logger whose events carry the part of syncd that speaks."""
    return structlog.get_logger().bind(part=name)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask by key and by what a value looks like; one line per event, whatever a value holds."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def plain(text: str) -> str:
    """A text without addresses, phone numbers, passwords and tokens, on one line."""
    return "".join(char if char.isprintable() else " " for char in _masked(text))


def _masked(text: str) -> str:
    for pattern in (_PASSWORD, _TOKEN, _EMAIL, _PHONE):
        text = pattern.sub(MASK, text)
    return text


def _clean(key: object, value: Any) -> Any:
    if isinstance(key, str) and _HIDDEN_KEYS.match(key):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, _Trace):
        return value
    if isinstance(value, Mapping):
        return {name: _clean(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    text = value if isinstance(value, str) else repr(value)
    return plain(text[: 4 * _LONGEST])[:_LONGEST]  # cut first, and again, so that no half address is left at the end


class _Trace(str):
    """A traceback made here: masked already, and the only text that may have several lines."""

    __slots__ = ()


_Trouble = tuple[type[BaseException], BaseException, TracebackType | None]


def _listed(exc_info: _Trouble) -> list[dict[str, Any]]:
    """For machines: what was raised where, with the causes. No values of variables, of a message one line."""
    return [
        {"type": type(error).__name__, "message": _said(error), "frames": [_at(frame) for frame in _frames(error)]}
        for error in _chain(exc_info[1])
    ]


def _readable(exc_info: _Trouble) -> str:
    """For people at a terminal: the same as an ordinary traceback, the last error last."""
    lines: list[str] = []
    for error in reversed(_chain(exc_info[1])):
        lines += ["Traceback (most recent call last):"]
        lines += [f"  {_at(frame)}: {frame.line}" for frame in _frames(error)]
        lines += [f"{type(error).__name__}: {_said(error)}"]
    return _Trace("\n".join(lines))


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what led to it, the error first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return found


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES))


def _at(frame: traceback.FrameSummary) -> str:
    return f"{frame.filename}:{frame.lineno} in {frame.name}"


def _said(error: BaseException) -> str:
    """The first line alone: databases put the whole row, which is somebody's, into the lines below."""
    return plain(str(error).partition("\n")[0][: 4 * _LONGEST])[:_LONGEST]


class _Output:
    """Writes whole lines. That nobody can read them is no reason to stop working."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def msg(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                return

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class _Handler(logging.Handler):
    """Libraries' logging, through the same output."""

    def __init__(self, output: _Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        self._output.msg(self.format(record))


def _drop_meta(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event
