"""`syncd connectors new`, as far as files go; tests/e2e/test_connector_kit.py installs them and runs their tests."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.skeleton import Kind, written
from tests.cli.office import Office

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/example-connector"
GUIDE = ROOT / "docs/writing-a-connector.md"


def new(office: Office, *words: str, code: int = 0) -> str:
    said = office.run("connectors", "new", *words, "--into", office.folder, code=code)
    return said + said.err


@pytest.mark.parametrize("kind", list(Kind))
def test_package_is_whole_and_says_what_to_do_next(office: Office, kind: Kind) -> None:
    said = new(office, "acme-crm", "--kind", kind)

    folder = office.folder / "syncd-acme-crm"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files >= {"pyproject.toml", "README.md", "syncd_acme_crm.py", "tests/test_acme_crm.py"}
    assert all(str(folder / file) in said for file in files)
    assert f'[project.entry-points."syncd.{kind}s"]\nacme-crm = "syncd_acme_crm:plugin"' in (
        folder / "pyproject.toml"
    ).read_text("utf-8")
    assert "pip install -e" in said


@pytest.mark.parametrize("kind", list(Kind))
def test_code_is_python_that_is_formatted_and_fills_every_blank(office: Office, kind: Kind) -> None:
    new(office, "acme-crm", "--kind", kind)

    files = sorted((office.folder / "syncd-acme-crm").rglob("*.py"))
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "120", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    for file in files:
        ast.parse(file.read_text("utf-8"))
        assert "$" not in file.read_text("utf-8")


def test_nothing_is_overwritten(office: Office) -> None:
    new(office, "acme")
    mine = office.folder / "syncd-acme/syncd_acme.py"
    mine.write_text("mine", encoding="utf-8")

    said = new(office, "acme", code=2)

    assert "is there already" in said
    assert mine.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["Acme", "acme_crm", "1acme", "acme-", "a--b", "../x", "class", "none", "a" * 41, "é"])
def test_names_that_cannot_be_a_type_are_refused(office: Office, name: str) -> None:
    said = new(office, name, code=2)

    assert repr(name) in said
    assert list(office.folder.glob("syncd-*")) == []


@pytest.mark.parametrize(("name", "kind"), [("tally", "source"), ("hubspot", "sink"), ("chat", "alert")])
def test_name_of_an_installed_connector_is_refused(office: Office, name: str, kind: str) -> None:
    assert f"a {kind} called {name!r} is installed already" in new(office, name, "--kind", kind, code=2)


def test_same_name_may_be_a_source_and_a_sink(office: Office) -> None:
    assert "syncd_hubspot.py" in new(office, "hubspot", "--kind", "source")


def test_folder_that_is_not_there_is_named(office: Office) -> None:
    said = office.run("connectors", "new", "acme", "--into", office.folder / "nowhere", code=2)

    assert f"{office.folder / 'nowhere'} is no folder" in said.err


def test_kind_that_is_none_is_answered_with_those_that_are(office: Office) -> None:
    said = new(office, "acme", "--kind", "skin", code=2)

    assert "skin" in said
    assert "sink" in said


def test_example_is_what_the_command_writes() -> None:
    held = {
        path.relative_to(EXAMPLE).as_posix(): path.read_text("utf-8")
        for path in EXAMPLE.rglob("*")
        if path.suffix in {".py", ".toml", ".md"}
    }

    assert held == dict(written("acmeforms", Kind.SOURCE))


@pytest.mark.parametrize("file", ["pyproject.toml", "syncd_acmeforms.py", "tests/test_acmeforms.py"])
def test_guide_shows_the_files_as_they_are(file: str) -> None:
    shown = re.search(rf"`{re.escape(file)}`:\n\n```\w+\n(.*?)\n```", GUIDE.read_text("utf-8"), re.DOTALL)

    assert shown is not None
    assert shown.group(1) == (EXAMPLE / file).read_text("utf-8").rstrip()
