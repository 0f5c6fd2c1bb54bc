"""Whatever the bytes are, there is a reading, and it does not take long."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.mail import Reading, Verdict, mail_submission, read_mail
from syncd.store.content import dump_content, load_content
from syncd.testing.clock import START
from tests.core.mails import OURS, SAMPLES

MIB = 1024 * 1024
LONGEST = 20.0
"""Seconds of the processor for the worst of these; a quiet core needs a tenth of it."""

LINES = st.sampled_from(
    [b"From: bessie@ours.example", b"From: =?utf-8?q?=3D?= <a@b.c>", b"Reply-To: x@y.z", b"Subject: Fwd: Re: x", b"",
     b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/html; charset=utf-16", b"--b", b"--b--",
     b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64", b"Content-Type: text/plain; format=flowed",
     b"---------- Forwarded message ---------", b"From: Jane <jane@acme.example>", b"Sent: x", b"To: y", b"-- ", b">",
     b"<table><tr><td>Name<td>Jane</table>", b"<b>E-mail:</b> jane@acme.example<br>", b"Name: Jane",
     b"On 1/1/26 x wrote:",
     b"Message Body:", b"This e-mail was sent from a contact form on x", b"Date: Mon, 31 Feb 9999 99:99 +9999",
     b"Authentication-Results: mx.ours.example; dkim=pass header.d=typeform.com", b"From: n@typeform.com", b"Regards",
     b"Tel. +49 30 1234567", b"\xff\xfe\x00", b"\xed\xa0\x80", b"Content-Type: text/plain; charset=utf-7", b"+2AA-"]
)  # fmt: skip


def check(raw: bytes) -> Reading:
    """It can be stored, and it says the same again."""
    reading = read_mail(raw, OURS)

    submission = mail_submission(reading, "mail", raw, START)
    answers, context = load_content(dump_content(submission.answers, submission.context))

    assert context.no_lead == submission.context.no_lead
    assert len(answers) == len(submission.answers)
    assert 0 < len(reading.key) <= 200
    assert reading.key.isascii()
    assert reading.key.isprintable()
    assert bool(context.no_lead) is (reading.verdict not in (Verdict.LEAD, Verdict.REVIEW))
    assert read_mail(raw, OURS) == reading
    return reading


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(raw: bytes) -> None:
    check(raw)


@given(st.lists(LINES, max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
@settings(max_examples=200, deadline=None)
def test_any_lines_that_mails_are_made_of_are_read(lines: list[bytes], end: bytes) -> None:
    check(end.join(lines))


@given(
    st.sampled_from(sorted(SAMPLES.glob("*.eml"))), st.integers(0, 3000), st.integers(0, 400), st.binary(max_size=20)
)
@settings(max_examples=100, deadline=None)
def test_a_notification_with_a_piece_torn_out_is_read(path: object, place: int, length: int, patch: bytes) -> None:
    raw = path.read_bytes()  # type: ignore[attr-defined]

    check(raw[:place] + patch + raw[place + length :])


def head(kind: str, sender: str = "jane@acme.example") -> bytes:
    return f"From: {sender}\nSubject: Fwd: x\nContent-Type: {kind}; charset=utf-8\n\n".encode()


def nested(depth: int) -> bytes:
    inner = (f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(depth))
    return b"From: a@b.c\nContent-Type: multipart/mixed; boundary=b0\n\n" + "".join(inner).encode()


PDF = b"From: a@b.c\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhello\n--x\n"
PDF += b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
HUGE: dict[str, Callable[[], bytes]] = {
    "25 MiB of attachment": lambda: PDF + b"QUJD" * (25 * MIB // 4) + b"\n--x--",
    "25 MiB of text": lambda: head("text/plain") + b"hello 030 1234567 a@b.example\n" * (25 * MIB // 30),
    "25 MiB of carriage returns": lambda: head("text/plain") + b"x\r" * (25 * MIB // 2),
    "10,000 parts within each other": lambda: nested(10_000),
    "10,000 mails within each other": lambda: b"From: a@ours.example\nContent-Type: message/rfc822\n\n" * 10_000,
    "a megabyte of one address": lambda: b"From: " + b'"a,<' * (MIB // 4) + b"@b.c\n\nhi",
    "a megabyte of one subject": lambda: b"Subject: " + b"=?utf-8?q?x?= " * (MIB // 14) + b"\n\nhi",
    "a megabyte of one content type": lambda: b"Content-Type: multipart/mixed; " + b'a="' * (MIB // 3) + b"\n\nhi",
    "100,000 headers": lambda: b"To: x@y.z\n" * 100_000 + b"\nhi",
    "100,000 nested elements": lambda: head("text/html") + b"<div>" * 100_000 + b"x",
    "100,000 attributes": lambda: head("text/html") + b"<p " + b"a=1 " * 120_000 + b">x",
    "100,000 cells": lambda: head("text/html") + b"<table><tr>" + b"<td>a" * 100_000,
    "100,000 unclosed comments": lambda: head("text/html") + b"<!--" * 120_000,
    "100,000 heads of mails": lambda: head("text/plain", "a@ours.example") + b"From: a\n" * 130_000,
    "100,000 questions": lambda: head("text/plain", "no-reply@b.c") + b"Name:\n" * 160_000,
    "100,000 closings": lambda: head("text/plain") + b"regards\n" * 130_000,
    "100,000 numbers": lambda: head("text/plain", "no-reply@b.c") + b"+49 30 1234567 " * 70_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_one_takes_bounded_time(name: str) -> None:
    raw = HUGE[name]()
    started = time.process_time()

    read_mail(raw, OURS)

    assert time.process_time() - started < LONGEST
