"""Every parser of what strangers send, fed directly: no crash but the errors on purpose, nothing takes a second."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request

from syncd import log
from syncd.config.load import load_config
from syncd.config.problems import ConfigErrors
from syncd.config.yaml_tree import read_yaml
from syncd.connector import PushSource, Submission, Tools, WebRequest, read_csv, row_submission
from syncd.console.login import Sessions, wanted_page
from syncd.core.mail import MailRules, mail_submission, read_mail
from syncd.core.read import read
from syncd.errors import Rejected, Unauthenticated
from syncd.http_client import HttpClient
from syncd.registry import Registry
from syncd.run.senders import Senders
from syncd.testing.clock import NOON, FakeClock
from syncd.wire.forms import form_fields
from syncd.wire.strict_json import json_bytes, json_value
from syncd.wire.values import moment_of
from tests.battery.canaries import Canaries, Person
from tests.battery.hostile.mutate import TEXTS
from tests.battery.hostile.target import CONFIG, FORM, JSON, Cases, fields_of, json_of, signed
from tests.connectors.posted.test_posted import CASES

SLOWEST = 1.0
_TELL = 20_000
Target = Callable[[int], object]


@dataclass(slots=True)
class Found:
    """`kinds` counts how the cases ended; `wrong` are those that must not be."""

    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Parsers:
    """One target after the other; `folder` holds a config that is loaded once."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.cases = seed, Cases(seed)
        self.mutator, self.dice = self.cases.mutator, self.cases.dice
        path = folder / "config.yaml"
        path.write_text(CONFIG.replace(", @web@", ""), encoding="utf-8")
        path.chmod(0o600)
        loaded = load_config(path, {}, Registry())
        self.playbook, self.clock, self.canaries = loaded.playbook, FakeClock(NOON), Canaries(str(folder))
        self.sources: dict[str, PushSource] = {
            name: chosen.plugin.make(chosen.options, Tools(name, self.clock, HttpClient(), folder))
            for name, chosen in loaded.sources.items()
            if name in Cases.SOURCES
        }
        self.providers = [(case, case.source()) for case in CASES]
        self.mails = [file.read_bytes() for file in sorted(MAILS.glob("*.eml"))]
        self.sessions = Sessions("a-token-of-sixteen-or-more", self.clock)
        self.targets: tuple[tuple[str, int, Target], ...] = (  # name, share of the cases, what is done
            ("source", 4, self.source), ("json", 50, self.json), ("form", 20, self.form),
            ("multipart", 10, self.multipart), ("csv", 1, self.csv), ("signature", 8, self.signature),
            ("yaml", 2, self.yaml), ("log", 1, self.logged), ("moments", 2, self.moment), ("cookies", 1, self.cookie),
            ("addresses", 1, self.address), ("provider", 20, self.provider), ("mail", 4, self.mail),
        )  # fmt: skip

    def run(self, count: int) -> Found:
        found = Found()
        acts = [act for _, share, act in self.targets for _ in range(share)]
        names = [name for name, share, _ in self.targets for _ in range(share)]
        for number in range(count):
            place = number % len(acts)
            self.try_one(found, names[place], acts[place], number)
            if number % _TELL == _TELL - 1:
                print(f"  parsers: {number + 1} of {count} cases, {len(found.wrong)} wrong", flush=True)
        return found

    def try_one(self, found: Found, name: str, act: Target, number: int) -> None:
        """A case depends on the seed and its number alone; one that took long is tried alone and by its CPU time."""
        started = time.perf_counter()
        self._once(found, name, act, number)
        took = time.perf_counter() - started
        if took > SLOWEST:
            started = time.process_time()
            self._once(Found(), name, act, number)
            took = time.process_time() - started
            if took > SLOWEST:
                found.wrong.append(f"{name} {number}: took {took:.1f} s")
        found.slowest = max(found.slowest, took)

    def _once(self, found: Found, name: str, act: Target, number: int) -> None:
        self.dice.seed(self.seed * 1_000_003 + number)
        try:
            act(number)
            found.kinds[f"{name}: read"] += 1
        except (Rejected, ConfigErrors) as error:
            found.kinds[f"{name}: {type(error).__name__}"] += 1
            found.wrong += (f"{name} {number}: {hit}" for hit in self.canaries.told("message", _without_names(error)))
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            found.wrong.append(f"{name} {number}: {type(error).__name__}: {error!s:.300}")

    def _person(self, number: int) -> Person:
        """One of so few that what their providers send need not be made anew."""
        return Person(number % 500)

    def signature(self, number: int) -> None:
        """Nothing but the right bytes opens a lock."""
        name = self.dice.choice(("demo", "survey", "hook", "standard", "gate"))
        body = json_of(name, self._person(number))
        right = signed(name, body, NOON.timestamp())
        wrong = self.mutator.headers(right)
        if self.dice.random() < 0.5:
            wrong, body = right, self.mutator.bytes(body)
        request = WebRequest("POST", {"content-type": JSON, **wrong}, {}, body, NOON, "203.0.113.9")
        try:
            self.sources[name].receive(request)
        except Unauthenticated:
            return
        same_body = name == "gate" or body == json_of(name, self._person(number))
        assert same_body, "another body was taken for the signed one"
        assert _still_proves(right, wrong), f"{wrong} was taken for {right}"

    def source(self, number: int) -> None:
        """A signed body through its connector, and what it makes of it through the reading of the core."""
        name = self.dice.choice(Cases.SOURCES)
        body, kind = self.cases._body(name, self._person(number))
        headers = self.mutator.headers({"content-type": kind, **signed(name, body, NOON.timestamp())})
        request = WebRequest("POST", headers, {}, body, NOON, "203.0.113.9")
        self._go_through(self.sources[name].receive(request).submissions)

    def provider(self, _: int) -> None:
        """What a provider posts, damaged, from somebody who can sign it: through its connector and the core."""
        case, source = self.dice.choice(self.providers)
        is_json = case.content_type == JSON and self.dice.random() < 0.8
        body = self.mutator.json(case.sent) if is_json else self.mutator.bytes(case.sent)
        self._go_through(source.receive(case.request(body)).submissions)

    def mail(self, _: int) -> None:
        raw = self.mutator.bytes(self.dice.choice(self.mails))
        if self.dice.random() < 0.5:
            raw = self.mutator.bytes(raw)
        self._go_through([mail_submission(read_mail(raw, _RULES), "mail", raw, NOON)])

    def _go_through(self, submissions: Iterable[Submission]) -> None:
        for submission in submissions:
            _can_be_kept(submission)
            if not submission.problem:
                read(submission, self.playbook)

    def json(self, number: int) -> None:
        value = json_value(self.mutator.json(json_of(self.dice.choice(Cases.SOURCES), self._person(number))))
        assert json_value(json_bytes(value)) == value
        json.dumps(value, ensure_ascii=False).encode()

    def form(self, number: int) -> None:
        kind = FORM + self.dice.choice(_CHARSETS)
        _are_texts(field.value for field in form_fields(self.mutator.form(fields_of(self._person(number))), kind))

    def multipart(self, number: int) -> None:
        _are_texts(field.value for field in form_fields(*self.mutator.multipart(fields_of(self._person(number)))))

    def csv(self, number: int) -> None:
        people = [[value for _, value in fields_of(self._person(number + each))] for each in range(3)]
        for row in read_csv(self.mutator.csv([[name for name, _ in fields_of(Person(0))], *people])):
            self._go_through([row_submission(row, "fair", NOON, "_id")])

    def yaml(self, _: int) -> None:
        lines = CONFIG.splitlines(keepends=True)
        at = self.dice.randrange(len(lines))
        lines[at] = self.dice.choice((*_YAML, lines[at] * 2, lines[at].replace(":", ""), self.dice.choice(TEXTS)))
        text = "".join(lines)
        if self.dice.random() < 0.5:
            text = self.mutator.bytes(text.encode()).decode("utf-8", "replace")
        read_yaml(text, "config.yaml")

    def logged(self, number: int) -> None:
        person = self._person(number)
        said = [self.dice.choice((*TEXTS, person.email, person.phone)) + self.dice.choice(TEXTS) for _ in range(3)]
        event: dict[str, Any] = {"event": said[0], "reason": [said[1]], "error": KeyError(said[2])}
        line = json.dumps(log.redact(None, "info", {**event, "email": person.name}))
        assert len(line.splitlines()) == 1
        assert person.email not in line

    def moment(self, _: int) -> None:
        at = moment_of(self.mutator.value() if self.dice.random() < 0.5 else self.dice.choice(TEXTS))
        assert at is None or at.tzinfo is not None

    def cookie(self, _: int) -> None:
        given = self.dice.choice((*TEXTS, f"{self.sessions.cookie()}x", "9" * 5_000 + "." + "0" * 64))
        assert not self.sessions.hold({"syncd_console": given})
        query = f"next={given}".encode("utf-8", "replace")
        page = wanted_page(Request({"type": "http", "query_string": query, "headers": []}))
        assert page.startswith("/")
        assert not page.startswith(("//", "/\\"))

    def address(self, _: int) -> None:
        senders, text = Senders(["10.0.0.0/8"]), self.dice.choice(TEXTS)
        client = senders.client("10.0.0.1", f"{text}, {self.dice.choice(TEXTS)}")
        assert len(senders.one_of(client)) <= 64


MAILS = Path(__file__).parents[2] / "fixtures/mail"
_RULES = MailRules(frozenset({"acme.example.com"}), country="DE", vouched=True)
_CHARSETS = ("", "; charset=utf-8", "; charset=idna", "; charset=\0", "; charset=rot13", ";;=;")
_YAML = (
    "? [a, b]\n: c\n", "a: &a [x]\nb: *a\n", "a: &a [*a]\n", "<<: {a: b}\n", "- - - -\n",
    "!!python/object/apply:os.system [id]\n", "b: *nowhere\n", "%YAML 9.9\n---\n", "---\n---\n", "\t\n",
    "a: |\n  x\n", "a: " + "[" * 60 + "]" * 60 + "\n", "a: {" + "b: {" * 60,
    "x: &x [1,1,1,1,1,1,1,1,1]\n" + "".join(f"x{n}: &x{n} [*x,*x,*x,*x,*x,*x,*x,*x]\n" for n in range(9)),
)  # fmt: skip


def _still_proves(right: Mapping[str, str], given: Mapping[str, str]) -> bool:
    """Every header that proves something holds what it must: as it is, in another case, or among others."""
    return all(
        value.lower() in given.get(name, "").lower() or value.split(" ")[-1] in given.get(name, "")
        for name, value in right.items()
    )


def _can_be_kept(submission: Submission) -> None:
    """As the store keeps it: text that is UTF-8 and has no NUL, in a key that is not endless."""
    assert 0 < len(submission.key) <= 1_000
    _are_texts([submission.key, submission.problem, submission.content_type])
    for answer in submission.answers:
        _are_texts([answer.id, answer.label, answer.ref, answer.value])
    assert submission.submitted_at is None or submission.submitted_at.tzinfo is not None


def _are_texts(values: Iterable[str | tuple[str, ...]]) -> None:
    for value in values:
        for text in (value,) if isinstance(value, str) else value:
            text.encode("utf-8")
            assert "\0" not in text


def _without_names(error: Exception) -> str:
    """Config problems are for who writes the config, and quote it."""
    return "" if isinstance(error, ConfigErrors) else str(error)
