"""Templates as YAML: read from a mapping, and suggested for a mail that none fits."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from syncd.core.labels import NOTHING, known_label, likely_label
from syncd.core.mail.fields import Pair
from syncd.core.mail.message import Message
from syncd.core.mail.senders import is_machine
from syncd.core.mail.template import Layout, Seen, Template

FILES = ("sites.yaml", "forms.yaml", "wordpress.yaml")  # whoever can be proven first


@lru_cache(maxsize=1)
def known_templates() -> tuple[Template, ...]:
    """Those that syncd brings, in the order in which they are tried."""
    folder = files("syncd.core.mail").joinpath("templates")
    texts = (folder.joinpath(name).read_text("utf-8") for name in FILES)
    read = (yaml.load(text, yaml.BaseLoader) for text in texts)  # noqa: S506 - strings
    return tuple(template_of(each) for templates in read for each in templates)


def template_of(given: Mapping[str, Any]) -> Template:
    """From the words of YAML; a single text may stand where a list may. Raises ValueError for unknown words."""
    words = {name: _value(name, value) for name, value in given.items()}
    unknown = sorted(set(words) - set(Template.__dataclass_fields__))
    if unknown:
        raise ValueError(f"a template has no {', '.join(unknown)}")
    return Template(**words)


def _value(name: str, value: Any) -> Any:
    if name == "layout":
        return tuple(Layout(each) for each in _several(value))
    if name == "seen":
        return Seen(value)
    return _several(value) if name in _LISTS else value


def _several(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


_LISTS = ("sender", "platform", "subject", "text", "markup", "starts", "ends", "ignore", "free")


def suggested(message: Message, layout: Layout, pairs: Iterable[Pair]) -> str:
    """A template that would read this mail, for whoever runs syncd to look over. Tells questions, never answers."""
    questions = list(dict.fromkeys(label for label, _ in pairs if label))
    meant = {label: known_label(label) or likely_label(label) for label in questions}
    fields = {label: name for label, name in meant.items() if name not in ("", NOTHING)}
    ignored = [label for label, name in meant.items() if name == NOTHING]
    sender = message.sender
    pattern = sender.email if is_machine(sender) or not sender.email else f"*@{sender.domain}"
    words: dict[str, Any] = {
        "name": f"{sender.domain.partition('.')[0] or 'unknown'}_form",
        **({"sender": [pattern]} if pattern else {}),
        "subject": [_subject_pattern(message.subject)],
        "layout": [layout.value],
        **({"fields": fields} if fields else {}),
        **({"ignore": ignored} if ignored else {}),
    }
    return yaml.safe_dump([words], allow_unicode=True, sort_keys=False, width=110)


def _subject_pattern(subject: str) -> str:
    """Its first words, up to where something of the enquiry may begin: a number, a quote, an address, a colon."""
    for place, char in enumerate(subject):
        if char.isdigit() or char in "\"'“„«<[(#@:|":
            kept = subject[: place + (char in ":|")].rstrip() if place > _SHORTEST_SUBJECT else subject[:place].rstrip()
            return f"{kept} *".strip() if kept else "*"
    words = subject.split()
    return " ".join(words[:3]) + (" *" if len(words) > 3 else "") if words else "*"


_SHORTEST_SUBJECT = 3
