"""What the whole has opened and started is closed and ended: by a stop, by a reload, and where neither comes about."""

import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from syncd.app import App
from syncd.errors import ConfigError, StoreError
from syncd.testing.left_open import opened_here
from tests.app.firm import Firm, firm, threads
from tests.battery.vitals import look

pytestmark = [pytest.mark.process, pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Firm]:
    with firm(tmp_path, database_url) as here:
        yield here


def test_a_stop_leaves_neither_a_file_nor_a_connection_nor_a_thread(tmp_path: Path, database_url: str) -> None:
    gc.collect()  # what other tests have left is not closed in the middle of this one
    before, alive = look(os.getpid(), None, 0).files, threads()

    with firm(tmp_path, database_url) as here:
        app = App(here.loaded())
        app.start()
        here.work(app)
        app.stop()

    assert threads() - alive == set()
    assert look(os.getpid(), None, 0).files <= before


def test_a_reload_leaves_nothing_of_the_crew_that_it_replaces(here: Firm) -> None:
    app = App(here.loaded())
    app.start()
    here.work(app)
    outside = {int(url.rpartition(":")[2]) for url in (here.crm.base_url, here.form.url, here.chat.url)}
    old = {one for one in opened_here() if one.port in outside}
    loops = {thread for thread in threads() if thread.name in {loop.name for loop in app.crew.loops}}

    assert app.reload() == ""

    assert len({one.port for one in old}) == 3  # there was something to be closed, everywhere
    assert old & opened_here() == set()
    assert [thread.name for thread in loops if thread.is_alive()] == []
    here.work(app, 2)
    app.stop()


def test_a_config_that_cannot_be_built_leaves_nothing_of_what_was_built(here: Firm) -> None:
    _no_book(here.folder / "letter.db")
    app = App(here.loaded(), lambda: here.loaded(archive="another.db", book="letter.db"))
    before = opened_here()

    assert "is no book" in app.reload()

    assert opened_here() - before == set()
    app.stop()


def test_nor_does_one_that_cannot_be_built_at_the_start(here: Firm) -> None:
    _no_book(here.folder / "letter.db")
    before = opened_here()

    with pytest.raises(ConfigError, match="is no book") as raised:
        App(here.loaded(book="letter.db"))

    assert opened_here() - before == set()
    assert raised.tb is not None  # which leads to all that was built


def test_a_store_that_is_somebody_elses_leaves_nothing(tmp_path: Path) -> None:
    with firm(tmp_path, f"sqlite:///{tmp_path}/syncd.db") as here:
        before, alive = opened_here(), threads()
        owner, late = App(here.loaded()), App(here.loaded())
        owner.store.open()
        owner.store.own()

        with pytest.raises(StoreError, match="another syncd daemon"):
            late.start()

        owner.stop()  # while a file has an owner in this process, SQLite keeps what others here have closed of it
        assert threads() - alive == set()
        assert opened_here() - before == set()


def _no_book(path: Path) -> None:
    """A database in which what is called contacts is something else."""
    with closing(sqlite3.connect(path)) as letter:
        letter.execute("CREATE VIEW clock AS SELECT 1")
