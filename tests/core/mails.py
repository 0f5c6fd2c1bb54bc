"""Mails for tests of their reading, and what was read of them."""

from collections.abc import Iterable
from pathlib import Path

from syncd.core.mail import MailRules, Reading, Verdict, read_mail

SAMPLES = Path(__file__).parents[1] / "fixtures" / "mail"
OURS = MailRules(
    own_domains=frozenset({"ours.example"}),
    own_addresses=frozenset({"helper@freemail.example"}),
    country="DE",
    trusted_hosts=frozenset({"mx.ours.example"}),
)
BESSIE = "Bessie Berry <bessie@ours.example>"


def mail(body: str = "Could you send us a price list?", /, *, html: bool = False, **headers: str) -> bytes:
    """From a stranger to us, unless the headers say otherwise; `x_spam_flag` is X-Spam-Flag, and "" leaves one out."""
    told = {
        "From": "Jane Roe <jane@acme.example>",
        "To": "info@ours.example",
        "Subject": "A question",
        "Date": "Mon, 02 Nov 2026 09:15:00 +0100",
        "Message-ID": "<1@acme.example>",
        "MIME-Version": "1.0",
        "Content-Type": f"text/{'html' if html else 'plain'}; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    told |= {_named(name): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in told.items() if value)
    return f"{head}\n{body}\n".encode()


def _named(name: str) -> str:
    return {"message_id": "Message-ID", "mime_version": "MIME-Version"}.get(name, name.replace("_", "-").title())


def multipart(kind: str, parts: Iterable[str], /, **headers: str) -> bytes:
    """Each part with its own head; `kind` as "mixed" or "report; report-type=delivery-status"."""
    body = "".join(f"--frontier\n{part}\n" for part in parts) + "--frontier--"
    return mail(body, content_type=f"multipart/{kind}; boundary=frontier", **headers)


def read(raw: bytes, rules: MailRules = OURS) -> Reading:
    return read_mail(raw, rules)


def told(raw: bytes, rules: MailRules = OURS) -> dict[str, str]:
    """The answers by their id."""
    return {answer.id: answer.text for answer in read(raw, rules).answers}


def verdict(raw: bytes, rules: MailRules = OURS) -> Verdict:
    return read(raw, rules).verdict
