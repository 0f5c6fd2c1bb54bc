"""Whether something grows: a line through samples, and limits that can fail."""

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.battery.soak import Report
from tests.battery.vitals import Sample, Slope, Watch, look


def samples(minutes: int, rss: Callable[[float], float], files: Callable[[float], int] = lambda _: 30) -> list[Sample]:
    return [Sample(at, rss(at), files(at), 20, 4.0) for at in range(0, minutes * 60, 2)]


def test_a_slope_is_told_per_hour_with_its_doubt() -> None:
    dice = random.Random(1)

    slope = Slope.of([(at, 100 + at / 3600 * 2 + dice.gauss(0, 0.1)) for at in range(0, 7200, 2)])

    assert slope.per_hour == pytest.approx(2, abs=slope.doubt)
    assert 0 < slope.doubt < 0.1


def test_two_points_make_no_slope() -> None:
    with pytest.raises(ValueError, match="three"):
        Slope.of([(0, 1), (1, 2)])


def test_a_quiet_run_is_fine() -> None:
    assert list(Report.of(samples(10, lambda _: 120.0), 10).wrong()) == []


@pytest.mark.parametrize(
    ("what", "run", "minutes"),
    [
        ("memory grew by", samples(10, lambda at: 100 + at / 5), 10),
        ("MiB/h", samples(180, lambda at: 100 + at / 3600 * 3), 180),
        ("memory reached", samples(10, lambda _: 400.0), 10),
        ("open files grew", samples(10, lambda _: 100.0, lambda at: 30 + int(at / 10)), 10),
        ("write-ahead log", [Sample(at, 100, 30, 20, 70.0) for at in range(0, 600, 2)], 10),
        ("open threads grew", [Sample(at, 100, 30, 20 + at // 10, 1.0) for at in range(0, 600, 2)], 10),
    ],
)
def test_what_grows_is_named(what: str, run: list[Sample], minutes: int) -> None:
    assert any(what in words for words in Report.of(run, minutes).wrong())


def test_caches_that_fill_in_the_first_half_are_not_a_leak() -> None:
    filling = samples(180, lambda at: min(100 + at / 60, 180.0))

    assert list(Report.of(filling, 180).wrong()) == []


def test_a_short_run_says_what_it_cannot_show() -> None:
    assert "cannot show" in Report.of(samples(10, lambda _: 120.0), 10).told()
    assert "cannot show" not in Report.of(samples(180, lambda _: 120.0), 180).told()


def test_a_process_is_looked_at_from_outside() -> None:
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "syncd.db"
        database.with_name("syncd.db-wal").write_bytes(bytes(2**20))

        seen = look(os.getpid(), database, 1.0)

    assert seen.rss > 10
    assert seen.files > 2
    assert seen.threads >= 1
    assert seen.wal == 1.0


def test_a_watch_samples_until_its_block_ends() -> None:
    with Watch(os.getpid(), None, every=0.01) as watch:
        while len(watch.samples) < 3:
            pass

    assert watch.samples[0].at < watch.samples[-1].at
