"""What an answer means, by what the config says of them, and by what HTTP says of the rest."""

from typing import Any

from connectors.sinks.http.options import AnswerOptions
from syncd.connector import Ambiguous, HttpReply, Refused, Retryable, code_of, raise_for_status, text_of

REDIRECTED = frozenset({302, 303})
LONGEST_ID = 200
_TRUTHS = {"true": "yes", "false": "no"}  # as a truth value of JSON reads


def value_at(body: Any, path: str) -> Any:
    """The value at a dotted path (data.0.id); the whole where the path is empty, None where there is nothing."""
    for part in path.split(".") if path else ():
        if isinstance(body, dict):
            body = body.get(part)
        elif isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


def text_at(body: Any, path: str) -> str:
    """The text or number at a path; empty for anything else."""
    value = value_at(body, path) if path else None
    text = text_of(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if isinstance(text, str) else ""


def id_at(body: Any, path: str) -> str:
    """An id that can stand in an address: one line of printable characters."""
    text = text_at(body, path).strip()
    fits = len(text) <= LONGEST_ID and text.isprintable() and text not in (".", "..")
    return text if fits else ""


def body_of(reply: HttpReply) -> Any:
    """The JSON of an answer, or None."""
    try:
        return reply.json()
    except (Ambiguous, Retryable):
        return None


def insist_on_success(options: AnswerOptions, reply: HttpReply, what: str, *, writes: bool) -> None:
    """Raises Ambiguous, AuthFailed, RateLimited, Refused or Retryable."""
    if _is_success(options, reply.status):
        _insist_on_content(options, reply, what)
        return
    code = code_of(text_at(body_of(reply), options.error))
    if reply.status in options.untouched:
        raise Retryable(f"{what} answered {reply.status}", reply.retry_after)
    if writes and (reply.status in REDIRECTED or reply.status // 100 in (1, 2)):
        raise Ambiguous(f"{what} answered {reply.status}, of which the config says nothing")
    raise_for_status(reply, what, writes=writes, words=code)
    raise Retryable(f"{what} answered {reply.status}, of which the config says nothing")


def _is_success(options: AnswerOptions, status: int) -> bool:
    return status in options.success if options.success else status // 100 == 2


def _insist_on_content(options: AnswerOptions, reply: HttpReply, what: str) -> None:
    """A page that is no JSON is not the service that answered; JSON with another value is its refusal."""
    if options.success_text and options.success_text.encode() not in reply.body:
        raise Refused(f"{what} answered {reply.status} without the words of a success")
    if not options.success_when:
        return
    body = reply.json()  # raises, where nothing can be told
    for path, value in options.success_when.items():
        found = value_at(body, path)
        if found is None or str(text_of(found)).casefold() != _TRUTHS.get(value.casefold(), value.casefold()):
            code = code_of(text_at(body, options.error))
            raise Refused(f"{what} was not taken: {path} is not {value}{f': {code}' if code else ''}")
