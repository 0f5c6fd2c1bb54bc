"""The words of a template are the same in the config, in what syncd brings, and in the manual."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from syncd.core.mail import Template, Verdict, known_templates
from syncd.wire.mail_templates import MailTemplate

PAGE = (Path(__file__).parents[2] / "docs" / "mail.md").read_text("utf-8")
WORDS = [field.name for field in fields(Template) if field.name not in ("product", "seen")]


def in_first_column(heading: str) -> list[str]:
    """Of the table whose head this is."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)]


def test_a_config_may_say_whatever_a_template_can() -> None:
    assert sorted(MailTemplate.model_fields) == sorted(WORDS)


@pytest.mark.parametrize("known", known_templates(), ids=lambda known: known.name)
def test_what_syncd_brings_could_stand_in_a_config(known: Template) -> None:
    words = {name: getattr(known, name) for name in WORDS}

    template = MailTemplate(**words).template()

    assert {name: getattr(template, name) for name in WORDS} == words


def test_the_manual_names_every_word_every_template_and_every_verdict() -> None:
    assert sorted(in_first_column("word")) == sorted(WORDS)
    assert in_first_column("template") == [known.name for known in known_templates()]
    assert sorted(in_first_column("verdict")) == sorted(Verdict)
    for known in known_templates():
        assert f"| `{known.name}` | {known.product} | {known.seen.value} |" in PAGE
