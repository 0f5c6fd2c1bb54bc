"""`python -m tests.judge [--file OPENAPI.json]`: exit 0 without a violation, 1 with some, 3 when it could not look."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from syncd.connector import HttpClient
from syncd.errors import SyncdError
from tests.fakes.hubspot import FakeHubSpot
from tests.judge.prism import Absent, free_port, prism, started
from tests.judge.salesforce_describes import FILES as RECORDED
from tests.judge.salesforce_describes import Describes
from tests.judge.salesforce_play import OPERATIONS as SALESFORCE_OPERATIONS
from tests.judge.salesforce_play import played as played_in_salesforce
from tests.judge.scenario import OPERATIONS, SETTINGS, Play, account
from tests.judge.specification import Specification
from tests.judge.witness import Hearing, Witness, violations_in
from tests.judge.zoho_files import FILES, ZohoFiles
from tests.judge.zoho_play import OPERATIONS as ZOHO_OPERATIONS
from tests.judge.zoho_play import played
from tests.outside import NOT_CHECKED, SHARED

FILE = SHARED / "specs/hubspot/hubspot_merged_strict_for_mock.json"
ZOHO = SHARED / "specs/zoho"
SALESFORCE = SHARED / "specs/salesforce"
HELD, VIOLATED, NOT_LOOKED = 0, 1, 3

Pass = Callable[[Path, Hearing], None]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.judge", description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE, help="HubSpot's OpenAPI file, made strict for Prism")
    parser.add_argument("--zoho", type=Path, default=ZOHO, help="folder of Zoho's OpenAPI files")
    parser.add_argument("--salesforce", type=Path, default=SALESFORCE, help="folder of recorded describes")
    parser.add_argument("--install", action="store_true", help="install Prism, and do nothing else")
    said = parser.parse_args(words)
    try:
        hubspot = HELD if said.install and prism() else judge(said.file)
    except Absent as absent:
        print(f"{NOT_CHECKED}: HubSpot's client and fake by Prism: {absent}")
        hubspot = NOT_LOOKED
    all_of_them = {hubspot}
    if not said.install:
        all_of_them |= {judge_zoho(said.zoho), judge_salesforce(said.salesforce)}
    return VIOLATED if VIOLATED in all_of_them else max(all_of_them)


def judge_zoho(folder: Path) -> int:
    """By the files themselves: they need no Prism, which could not follow their pointers."""
    if missing := [name for name in FILES if not (folder / f"{name}.json").exists()]:
        print(f"{NOT_CHECKED}: Zoho's client and fake by Zoho's OpenAPI files: there is no {missing[0]}.json")
        return NOT_LOOKED
    with tempfile.TemporaryDirectory() as place:
        judged = played(ZohoFiles(folder), Path(place))
    for text, count in judged.violations.items():
        print(f"VIOLATION (zoho, {count} times): {text}")
    missed = ZOHO_OPERATIONS - judged.calls.keys()
    for method, path in sorted(missed):
        print(f"{NOT_CHECKED}: {method} {path} was not called (zoho)")
    print(f"zoho: {judged.violations.total()} violations in {judged.calls.total()} calls")
    return VIOLATED if judged.violations else NOT_LOOKED if missed else HELD


def judge_salesforce(folder: Path) -> int:
    """By describes that were recorded from a real organisation."""
    if missing := [name for name in RECORDED if not (folder / f"describe_{name}_trimmed.json").exists()]:
        print(f"{NOT_CHECKED}: Salesforce's client and fake by recorded describes: there is none of {missing[0]}")
        return NOT_LOOKED
    describes = Describes(folder)
    with tempfile.TemporaryDirectory() as place:
        judged = played_in_salesforce(describes, Path(place))
    for text, count in judged.violations.items():
        print(f"VIOLATION (salesforce, {count} times): {text}")
    missed = SALESFORCE_OPERATIONS - judged.calls.keys()
    for manner, kind in sorted(missed):
        print(f"{NOT_CHECKED}: no {manner} of {kind} was sent (salesforce)")
    print(f"salesforce: not judged, for nobody recorded their object: {', '.join(sorted(describes.unjudged))}")
    print(f"salesforce: {judged.violations.total()} violations in {judged.calls.total()} records and questions")
    return VIOLATED if judged.violations else NOT_LOOKED if missed else HELD


def judge(file: Path) -> int:
    """Raises Absent where the file or Prism is missing, or where Prism does not see what is planted."""
    if not file.exists():
        raise Absent(f"there is no specification {file.name}")
    prism()
    specification = Specification(file)
    heard = {name: Hearing(specification, answers=run is proxy) for name, run in PASSES.items()}
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "specification.json"
        specification.write(ready)
        for name, run in PASSES.items():
            print(f"{name} ...", flush=True)
            run(ready, heard[name])
    return verdict(heard)


def verdict(heard: dict[str, Hearing]) -> int:
    """Prints what was covered, and what was found."""
    for name, hearing in heard.items():
        print(f"\n{name}: {hearing.calls.total()} calls")
        for (method, path), count in sorted(hearing.calls.items(), key=lambda each: each[0][::-1]):
            print(f"  {count:4} {method:5} {path}")
    found = [(name, text, count) for name, each in heard.items() for text, count in each.violations.items()]
    for name, text, count in found:
        print(f"VIOLATION ({name}, {count} times): {text}")
    missed = {name: OPERATIONS - each.calls.keys() for name, each in heard.items() if name in WHOLE}
    for name, operations in missed.items():
        for method, path in sorted(operations):
            print(f"{NOT_CHECKED}: {method} {path} was not called ({name})")
    total = sum(hearing.calls.total() for hearing in heard.values())
    print(f"\n{sum(count for _, _, count in found)} violations in {total} calls")
    return VIOLATED if found else NOT_LOOKED if any(missed.values()) else HELD


def mock_alone(file: Path, hearing: Hearing) -> None:
    """Our client gets Prism's answers, which know nothing of an account: each is read, or is one of our errors."""
    with started("mock", file) as url, tempfile.TemporaryDirectory() as folder:
        _sees_a_bad_request(url)
        for setting in SETTINGS:
            with account(setting) as fake:
                for scene in Play(fake, setting, url, Witness(hearing), Path(folder)).scenes():
                    _played(scene, hearing, alone=True)


def mock_led(file: Path, hearing: Hearing) -> None:
    """Prism judges each request, and the fake gives the answer, so that every operation is reached."""
    with started("mock", file, "--errors") as url, tempfile.TemporaryDirectory() as folder:
        for setting in SETTINGS:
            with account(setting) as fake:
                http = Witness(hearing, answered_by=fake.url)
                for scene in Play(fake, setting, url, http, Path(folder)).scenes():
                    _played(scene, hearing)


def proxy(file: Path, hearing: Hearing) -> None:
    """Prism stands between our client and the fake, and judges requests and answers."""
    port = free_port()
    with started("proxy", file, f"http://127.0.0.1:{port}", "--errors") as url, tempfile.TemporaryDirectory() as folder:
        _sees_a_bad_request(url)
        for setting in SETTINGS:
            with account(setting, port) as fake:
                _sees_a_bad_answer(url, fake)
                for scene in Play(fake, setting, url, Witness(hearing), Path(folder)).scenes():
                    _played(scene, hearing)


PASSES: dict[str, Pass] = {"mock": mock_alone, "mock, led by the fake": mock_led, "proxy before the fake": proxy}
WHOLE = ("mock, led by the fake", "proxy before the fake")


def _played(scene: Callable[[], object], hearing: Hearing, *, alone: bool = False) -> None:
    """Where Prism answers in place of the account, a scene may end in one of our errors, and in nothing else."""
    before = hearing.violations.total()
    try:
        scene()
    except (SyncdError, AssertionError):
        if not alone and hearing.violations.total() == before:
            raise


def _sees_a_bad_request(url: str) -> None:
    """A judge that does not see what is planted is none."""
    bad = {"inputs": [{"idProperty": "email", "properties": {}}]}  # has no id
    path, login = "/crm/objects/2026-03/contacts/batch/upsert", {"authorization": "Bearer x"}
    reply = HttpClient().call("POST", url + path, what="a bad request", writes=False, headers=login, json=bad)
    if not violations_in(reply, answers=False):
        raise Absent("Prism does not report a request without an id")


def _sees_a_bad_answer(url: str, fake: FakeHubSpot) -> None:
    fake.order_fault("answer", "GET", "/crm/owners/2026-03", status=200, body=b'{"results":[{"id":7}]}')
    login = {"authorization": f"Bearer {fake.token}"}
    reply = HttpClient().call("GET", f"{url}/crm/owners/2026-03", what="a bad answer", writes=False, headers=login)
    if not violations_in(reply, answers=True):
        raise Absent("Prism does not report an answer with a number for an id")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
