"""The server as a process with so many mails of people in its INBOX: `python -m tests.fakes.imap --mails 1000`."""

import argparse
import signal
import sys
import threading
from datetime import timedelta

from tests.fakes.imap.account import WHEN
from tests.fakes.imap.server import PASSWORD, USER, FakeImap

TEXT = "We are looking for a supplier and would like to know what it costs and when it could begin.\r\n" * 12


def mail(number: int) -> bytes:
    """Of a person whose mail program sends text and HTML, about three kilobytes."""
    boundary = f"=_part_{number}"
    at = WHEN + timedelta(seconds=number)
    html = "".join(f"<p>{line}</p>\r\n" for line in TEXT.splitlines())
    head = [
        f"Return-Path: <ada{number}@firm{number}.example>",
        f"Received: from mx.firm{number}.example by mx.example.com",
        f"From: Ada Beispiel <ada{number}@firm{number}.example>",
        f"To: {USER}",
        f"Subject: Offer {number}",
        f"Message-ID: <m{number}@firm{number}.example>",
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    text = f"Hello,\r\n\r\n{TEXT}\r\nRegards\r\nAda Beispiel\r\n+49 30 1234{number:05}"
    parts = [
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}",
        f"--{boundary}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>",
        f"--{boundary}--",
    ]
    return "\r\n".join([*head, "", *parts, ""]).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100)
    said = parser.parse_args()
    with FakeImap() as server:
        for number in range(said.mails):
            server.deliver(mail(number))
        sys.stdout.write(f"listening {server.host}:{server.port} user {USER} password {PASSWORD}\n")
        sys.stdout.flush()
        over = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: over.set())
        over.wait()


if __name__ == "__main__":
    main()
