"""`syncd mail read`: what would be kept of a mail and why, and a template for one that none fits."""

from pathlib import Path

import pytest
import yaml

from syncd.cli.readings import reading_parts
from syncd.core.mail import Verdict, known_templates
from tests.cli.office import Office, settle
from tests.core.mails import SAMPLES, mail, read

LANDING = mail(
    "Full name: Eva Muster\nE-mail: eva@muster.example\nYour message: How soon can you start?",
    **{"from": "noreply@landing.example"},
    subject="Lead 4711",
)


@pytest.fixture
def mailing(office: Office) -> Office:
    office.change("  contact: {type: form", "  box: {type: mail}\n  contact: {type: form")
    return office


def saved(office: Office, raw: bytes) -> Path:
    path = office.folder / "mail.eml"
    path.write_bytes(raw)
    return path


def test_an_enquiry_is_told_with_its_answers(mailing: Office) -> None:
    said = mailing.run("mail", "read", SAMPLES / "contact_form_7.eml")

    for told in ("An enquiry", "contact_form_7", "anna.berg@berg-bau.example", "Scaffolding for a school", "box"):
        assert told in said


def test_what_is_no_lead_says_why(mailing: Office) -> None:
    said = mailing.run("mail", "read", saved(mailing, mail(list_id="<news.acme.example>")))

    assert "No lead" in said
    assert "List-Id is set" in said


def test_machines_get_all_of_it(mailing: Office) -> None:
    told = mailing.run("mail", "read", SAMPLES / "wpforms.eml", "--json").json()

    assert (told["verdict"], told["template"]) == ("lead", "wpforms")
    assert {each["label"]: each["value"] for each in told["answers"]}["Name"] == "Chiara Monti"


def test_the_suggested_template_goes_into_the_config_as_it_is(mailing: Office) -> None:
    path = saved(mailing, LANDING)
    before = mailing.run("mail", "read", path, "--json").json()
    assert "This template would read it" in mailing.run("mail", "read", path)

    words = yaml.safe_load(before["suggestion"])
    mailing.change(
        "box: {type: mail}", f"box: {yaml.safe_dump({'type': 'mail', 'templates': words}, default_flow_style=True)}"
    )
    after = mailing.run("mail", "read", path, "--json").json()

    assert (before["verdict"], after["verdict"], after["template"]) == ("review", "lead", "landing_form")
    mailing.run("check")


def test_one_that_is_parked_is_read_again_by_its_number(mailing: Office) -> None:
    mailing.run("mail", "pipe", "--source", "box", given=LANDING)

    told = mailing.run("mail", "read", "s1", "--json").json()

    assert told["problem"] == "mail for review: questions and answers that no template fits (see `syncd mail read`)"
    assert told["suggestion"].startswith("- name: landing_form")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("s9",), 3, "s9 is no mail that was kept"),
        (("nowhere.eml",), 3, "there is no file nowhere.eml"),
        ((SAMPLES / "wix.eml", "--source", "contact"), 2, "contact takes no mails"),
        ((SAMPLES / "wix.eml", "--source", "nobody"), 3, "no source is called"),
    ],
)
def test_what_cannot_be_read_is_said(mailing: Office, words: tuple[str | Path, ...], code: int, told: str) -> None:
    assert told in mailing.run("mail", "read", *words, code=code).err


def test_without_a_source_that_takes_mails_there_are_no_rules(office: Office) -> None:
    assert "no source of type imap or mail" in office.run("mail", "read", SAMPLES / "wix.eml", code=2).err


@pytest.mark.parametrize(
    ("template", "mistake"),
    [
        ("{name: x}", "say by what such a mail is known"),
        ("{name: x, sender: [a@b.c], fields: {Wer: nobody}}", "nobody is none of"),
        ("{name: x, sender: [a@b.c], context: {Wo: somewhere}}", "somewhere is none of"),
        ("{name: x, sender: [a@b.c], layout: [columns]}", "layout"),
        ("{name: x, sender: [a@b.c], colour: red}", "colour"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_line(mailing: Office, template: str, mistake: str) -> None:
    mailing.change("box: {type: mail}", f"box: {{type: mail, templates: [{template}]}}")

    said = mailing.run("check", code=2)

    assert mistake in said.err
    assert "templates" in said.err


def test_the_templates_that_come_along_are_listed(mailing: Office) -> None:
    told = mailing.run("mail", "templates", "--json").json()

    assert [each["name"] for each in told] == [template.name for template in known_templates()]
    assert "Squarespace form blocks" in mailing.run("mail", "templates")


def test_every_verdict_is_one_of_those_that_machines_are_told() -> None:
    assert reading_parts(read(mail()))["verdict"] in set(Verdict)


def test_each_mail_ends_where_its_verdict_sends_it(mailing: Office) -> None:
    forged = (SAMPLES / "typeform.eml").read_bytes()
    for raw in (mail(), mail(auto_submitted="auto-replied", message_id="<2@acme.example>"), LANDING, forged):
        mailing.run("mail", "pipe", "--source", "box", given=raw)
    with mailing.app() as built:
        settle(built)

    assert "Planned: a new lead" in mailing.run("why", "jane@acme.example")
    assert "auto_reply: Auto-Submitted: auto-replied" in mailing.run("quarantine")
    assert "Held back: auto_reply: Auto-Submitted: auto-replied" in mailing.run("why", "s2")
    unknown, unproven = (line["reason"] for line in mailing.run("parked", "--json").json())
    assert unknown == "mail for review: questions and answers that no template fits (see `syncd mail read`)"
    assert unproven.startswith("mail for review: it says that it comes from typeform.com, and no trusted host")
    mailing.run("prove")


class TestReadingAgain:
    @pytest.fixture
    def parked(self, mailing: Office) -> Office:
        mailing.run("mail", "pipe", "--source", "box", given=LANDING)
        words = mailing.run("mail", "read", "s1", "--json").json()["suggestion"]
        flow = yaml.safe_dump({"type": "mail", "templates": yaml.safe_load(words)}, default_flow_style=True)
        mailing.change("box: {type: mail}", f"box: {flow}")
        return mailing

    @pytest.mark.parametrize("which", ["s1", "--all"])
    def test_a_new_template_reads_what_was_parked(self, parked: Office, which: str) -> None:
        said = parked.run("mail", "reread", which)

        assert "s1: lead" in said
        with parked.app() as built:
            settle(built)
        (story,) = parked.run("why", "s1", "--json").json()
        assert (story["lead"]["fields"]["first_name"], story["lead"]["fields"]["email"]) == (
            "Eva",
            "eva@muster.example",
        )

    def test_what_has_gone_its_way_and_what_is_no_mail_is_left_alone(self, parked: Office) -> None:
        parked.run("mail", "reread", "s1")
        with parked.app() as built:
            settle(built)

        assert parked.run("mail", "reread", "s1", "--json", code=3).json() == {"s1": ""}
        assert "s7: no mail" in parked.run("mail", "reread", "s7", code=3).err
        assert parked.run("mail", "reread", "--all", "--json").json() == {}

    def test_spam_stays_spam_and_the_head_of_a_large_mail_a_head(self, mailing: Office) -> None:
        mailing.change("box: {type: mail}", "box: {type: mail, largest: 1}")
        mailing.run("mail", "pipe", "--source", "box", given=mail(x_spam_flag="YES"))
        mailing.run("mail", "pipe", "--source", "box", given=mail("x" * 2**20, message_id="<2@x>"))
        with mailing.app() as built:
            settle(built)

        told = mailing.run("mail", "reread", "--all", "--json").json()

        assert told == {"s1": "spam: the mail server's filter says so"}

    def test_it_must_be_said_which(self, mailing: Office) -> None:
        assert "or say --all" in mailing.run("mail", "reread", code=2).err
