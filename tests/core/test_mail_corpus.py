"""Every mail of the collected corpus: nothing that is no lead passes, and no enquiry is lost to a filter."""

import re
from pathlib import Path

import pytest

from syncd.core.mail import MailRules, Verdict
from syncd.core.mail.quotes import split_text
from tests.core.mails import read, told
from tests.outside import SHARED, needs

CORPUS = SHARED / "samples" / "email"
HERE = CORPUS.is_dir()
RULES = MailRules(own_domains=frozenset({"ours.example"}), own_addresses=frozenset({"i.kor@company.ru"}), country="US")
NO_LEADS = {
    "autoreply": {Verdict.AUTO_REPLY},
    "bounce": {Verdict.BOUNCE, Verdict.COMPLAINT, Verdict.RECEIPT},
    "list": {Verdict.LIST},
}

pytestmark = needs(HERE, "the collected mails are not here")


def mails(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((CORPUS / folder).glob("*")) if HERE]


def as_mail(path: Path, sender: str, subject: str) -> bytes:
    """A sample of a body alone, as it would have come."""
    head = f"From: {sender}\nTo: info@ours.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return head.encode() + path.read_bytes()


@pytest.mark.parametrize("path", mails(*NO_LEADS), ids=lambda path: path.name)
def test_what_is_no_lead_is_recognised_as_what_it_is(path: Path) -> None:
    reading = read(path.read_bytes(), RULES)

    assert reading.verdict in NO_LEADS[path.parent.name]
    assert reading.context.no_lead == f"{reading.verdict.value}: {reading.reason}"


@pytest.mark.parametrize("path", mails("human", "charset"), ids=lambda path: path.name)
def test_no_enquiry_is_lost_to_a_filter(path: Path) -> None:
    reading = read(path.read_bytes(), RULES)

    assert (reading.verdict, reading.context.no_lead, reading.problem) == (Verdict.LEAD, "", "")
    assert {answer.id for answer in reading.answers} >= {"subject"}


def test_a_mail_that_is_attached_is_the_one_that_counts() -> None:
    answers = told((CORPUS / "charset" / "forwarded_message.eml").read_bytes(), RULES)

    assert (answers["from_email"], answers["forwarded_by"]) == ("group@company.ru", "<i.kor@company.ru>")
    assert answers["message"].startswith("Новый заказ №28922")


@pytest.mark.parametrize("path", mails("forward"), ids=lambda path: path.name)
def test_the_inner_sender_of_a_forward_is_found(path: Path) -> None:
    answers = told(as_mail(path, "Bessie <bessie@ours.example>", "Fwd: Integer consequat non purus"), RULES)

    assert (answers["from_email"], answers["from_name"]) == ("john.doe@acme.com", "John Doe")
    assert answers["message"].startswith(("Aenean quis", "Unicum iter"))


NEW = {
    "mpr-email_1_4.txt": "Awesome! I haven't had another problem with it.",
    "mpr-email_swedish_1.txt": "Hej Person A,\n\nUrsäkta mitt sena svar!\n\n"
    "Kan inte se att det står något om vilket företag det gäller?",
    "talon-android.eml": "Hello", "talon-apple_mail.eml": "Hello", "talon-gmail.eml": "Hello",
    "talon-iphone.eml": "Hello", "talon-outlook.eml": "Hello",
}  # fmt: skip


@pytest.mark.parametrize("name", NEW)
def test_what_is_new_in_an_answer_is_told_apart_from_what_it_quotes(name: str) -> None:
    path = CORPUS / "reply" / name
    raw = path.read_bytes() if path.suffix == ".eml" else as_mail(path, "jane@acme.example", "Re: x")

    assert told(raw, RULES)["message"] == NEW[name]


def test_a_disclaimer_is_cut_off() -> None:
    said = split_text((CORPUS / "reply" / "mpr-caution2.txt").read_text("utf-8")).said

    assert said.startswith("Hello,\n\nI am trying to place an order")
    assert said.endswith("Person Person.")


def test_a_signature_is_found_where_people_have_marked_it() -> None:
    marked = (CORPUS / "signature" / "talon-johndoe-marked.txt").read_text("utf-8")
    signature = "\n".join(re.findall(r"^#sig#(.*)$", marked, re.MULTILINE))

    assert split_text(marked.replace("#sig#", "")).signature == signature
