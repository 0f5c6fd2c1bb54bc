"""The shape of the house: imports point down, SQL and HTTP stay in their rooms, connectors stay outside."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "model": 0, "errors": 0, "clock": 0, "log": 0,
    "core": 1,
    "store": 2, "config": 2, "registry": 2, "protocols": 2, "connector": 2, "http_client": 2, "wire": 2,
    "run": 3,
    "app": 4,
    "cli": 5, "console": 5, "__main__": 5,
    "testing": 9,
}  # fmt: skip
"""Room -> floor. `testing` stands outside: it may see everything, and nobody in the house may see it."""

MAY_CATCH_ALL = {
    "syncd/core/sandbox.py",  # a template's filters raise what they like, and the task matters more than its words
}

LENT = {
    "connectors/sinks/salesforce": ("simple_salesforce.exceptions", "simple_salesforce.format"),
    "connectors/sinks/salesforce/transport.py": ("simple_salesforce.api",),
    "connectors/sources/imap/connection.py": ("imap_tools", "imaplib", "socket", "ssl"),  # no HTTP, and no retries
    "connectors/sources/imap/session.py": ("imap_tools.utils",),
}
"""What a connector may take of its vendor's library: words without a wire, and in one file a client that gets ours."""

FILES = sorted([*ROOT.glob("syncd/**/*.py"), *ROOT.glob("connectors/**/*.py")])


def imports(path: Path) -> Iterator[str]:
    """Dotted names, wherever in the file they are imported."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if len(parts) > 1 else ""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [f for f in FILES if f.is_relative_to(ROOT / "syncd")], ids=named)
def test_imports_point_down_and_never_to_the_connectors(path: Path) -> None:
    if room(path) == "__init__":
        return
    floor = FLOORS[room(path)]

    upward = [
        name
        for name in imports(path)
        if name.partition(".")[0] == "connectors"
        or (name.startswith("syncd.") and FLOORS.get(name.split(".")[1], floor) > floor)
    ]

    assert upward == []


@pytest.mark.parametrize("path", [f for f in FILES if f.is_relative_to(ROOT / "connectors")], ids=named)
def test_connectors_know_syncd_by_one_door_and_each_other_not_at_all(path: Path) -> None:
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts[:3])

    strange = [
        name
        for name in imports(path)
        if (name.startswith("syncd.") and not name.startswith("syncd.connector."))
        or (name.startswith("connectors.") and not f"{name}.".startswith(f"{own}."))
    ]

    assert strange == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_sqlalchemy_is_imported_in_the_store_alone_and_requests_in_the_http_client_alone(path: Path) -> None:
    found = {name.partition(".")[0] for name in imports(path)}

    assert not found & {"sqlalchemy", "alembic", "psycopg"} or room(path) == "store"
    assert not found & {"requests", "httpx", "urllib3"} or room(path) == "http_client"


@pytest.mark.parametrize("path", [f for f in FILES if f.is_relative_to(ROOT / "connectors")], ids=named)
def test_connectors_have_no_road_to_the_network_but_the_http_client_that_they_are_lent(path: Path) -> None:
    """Every other library repeats calls on its own, or could; a test of that client counts what it sends."""
    roads = ("socket", "ssl", "http", "urllib.request", "aiohttp", "pycurl", "hubspot", "simple_salesforce")
    roads += ("imaplib", "imap_tools", "poplib", "smtplib", "ftplib")
    lent = tuple(f"{name}." for place, names in LENT.items() if path.is_relative_to(ROOT / place) for name in names)

    taken = [f"{name}." for name in imports(path) if not f"{name}.".startswith(lent)]

    assert [name for name in taken if any(name.startswith(f"{road}.") for road in roads)] == []


@pytest.mark.parametrize("path", [f for f in FILES if room(f) == "core"], ids=named)
def test_the_core_has_no_clock_file_network_log_or_database(path: Path) -> None:
    forbidden = {"time", "socket", "logging", "structlog", "threading", "random", "os", "sqlite3", "subprocess"}

    assert not {name.partition(".")[0] for name in imports(path)} & forbidden


_PROOFS = re.compile(r"(?i)digest|signature|proof|hmac|get_secret_value|\bgiven\b.*token")
_WHERE_PROOFS_ARE = [
    file
    for file in FILES
    if any(
        file.is_relative_to(ROOT / place)
        for place in ("syncd/wire", "syncd/run", "syncd/console", "connectors/sources")
    )
]


@pytest.mark.parametrize("path", _WHERE_PROOFS_ARE, ids=named)
def test_no_proof_is_compared_letter_by_letter(path: Path) -> None:
    """`hmac.compare_digest` takes as long for a wrong one as for a right one. Asking whether there is any is fine."""
    compared = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        and any(_PROOFS.search(ast.unparse(side)) for side in (node.left, *node.comparators))
        and not any(ast.unparse(side).startswith(("'", "bool(")) for side in (node.left, *node.comparators))
    ]

    assert compared == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_exception_is_caught_by_its_name_but_in_the_loops(path: Path) -> None:
    broad = [
        handler.lineno
        for handler in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(handler, ast.ExceptHandler)
        and (handler.type is None or getattr(handler.type, "id", "") in ("Exception", "BaseException"))
        and not any(isinstance(each, ast.Raise) for each in ast.walk(handler))
    ]

    assert broad == [] or room(path) == "run" or named(path) in MAY_CATCH_ALL
