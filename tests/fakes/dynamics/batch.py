"""Many requests in one: multipart/mixed, answered in the order in which they came.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus

import orjson

from syncd.testing import Answer, Call
from tests.fakes.dynamics.errors import BAD_VALUE, refused

MOST, LONGEST_ADDRESS = 1_000, 65_536
_LINE = re.compile(r"(GET|POST|PATCH|DELETE) (\S+) HTTP/1\.1")


def answered(call: Call, carry_out: Callable[[Call], Answer]) -> Answer:
    """Without `odata.continue-on-error` the first refusal ends it."""
    goes_on = "odata.continue-on-error" in call.headers.get("prefer", "")
    boundary = f"batchresponse_{uuid.uuid4()}"
    answers = []
    for part in _parts(call):
        answer = carry_out(part)
        answers.append(_shown(answer))
        if answer.status >= 400 and not goes_on:
            break
    lines = b"".join(b"--" + boundary.encode() + b"\r\n" + each for each in answers)
    body = lines + b"--" + boundary.encode() + b"--\r\n"
    return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"})


def _parts(call: Call) -> Iterator[Call]:
    kind = call.headers.get("content-type", "")
    if not re.match(r'multipart/mixed; ?boundary="?[\w.-]+"?$', kind):
        raise refused(400, BAD_VALUE, "a batch is multipart/mixed with a boundary")
    if re.search(rb"(?<!\r)\n", call.body):
        raise refused(400, BAD_VALUE, "lines end with CR LF")
    message = BytesParser().parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + call.body)
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    if not parts or len(parts) > MOST or message.defects:
        raise refused(400, BAD_VALUE, "not one to a thousand requests")
    for part in parts:
        if part.get_content_type() != "application/http" or part["content-transfer-encoding"] != "binary":
            raise refused(400, BAD_VALUE, "a part is no request")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        yield _request(content, call.headers)


def _request(content: bytes, outer: Mapping[str, str]) -> Call:
    head, found, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    line = _LINE.fullmatch(first)
    if line is None or not found or len(line[2]) > LONGEST_ADDRESS or line[2].endswith("$batch"):
        raise refused(400, BAD_VALUE, "a part is no request")
    headers = {name.strip().lower(): text.strip() for name, _, text in (each.partition(":") for each in lines)}
    path, _, query = line[2].partition("?")
    headers["authorization"] = outer.get("authorization", "")
    return Call(line[1], path, {"": [query]}, body.rstrip(b"\r\n"), headers)


def _shown(answer: Answer) -> bytes:
    content = b"" if answer.body is None else orjson.dumps(answer.body)
    headers = {"OData-Version": "4.0", **answer.headers}
    if content:
        headers["Content-Type"] = "application/json; odata.metadata=minimal"
    head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    head += [f"{name}: {text}" for name, text in headers.items()]
    opening = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    return (opening + "\r\n".join(head) + "\r\n\r\n").encode() + content + b"\r\n"
