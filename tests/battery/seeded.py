"""Twelve bugs on purpose, one at a time in a copy of the tree: the tests meant to catch each one must fail.

Each is a patch in tests/battery/seeded that says what is wrong and who is to notice. Without any patch the same tests
must pass. A patch that no longer applies, or tests that cannot be run, are not looked at, and that is no pass.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.battery.report import Row, write

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).with_name("seeded")
_LEFT_OUT = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "node_modules")
PASSED, FAILED = 0, 1
"""Exit codes of pytest; all others say that it could not look: https://docs.pytest.org/en/stable/reference/exit-codes.html"""


@dataclass(frozen=True, slots=True)
class Seed:
    name: str
    bug: str
    caught_by: tuple[str, ...]  # words for pytest
    patch: Path


class NotLookedAt(Exception):
    """The patch or its tests could not be tried."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", action="append", help="the name of one patch; repeatable")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    chosen = [seed for seed in seeds() if not said.only or seed.name in said.only]
    caught, blind = 0, 0
    with copied() as tree:
        blind += not _sound(tree, chosen)
        for seed in chosen:
            try:
                noticed = tried(tree, seed)
            except NotLookedAt as error:
                blind += 1
                print(f"{seed.name}: NOT LOOKED AT: {error}", flush=True)
            else:
                caught += noticed
                print(f"{seed.name}: {'caught' if noticed else 'MISSED'}: {seed.bug}", flush=True)
    print(f"{caught} of {len(chosen)} caught")
    good = caught == len(chosen) and not blind
    if said.write and good and not said.only:
        what, how = "a bug is put into the product on purpose", "patches, each tried with the tests meant to catch it"
        write([Row("seeded/bugs", what, how, len(chosen), len(chosen), 0, 0, f"{caught} of {len(chosen)} caught")])
    return 3 if blind else 0 if good and chosen else 1


def seeds() -> list[Seed]:
    return [read(path) for path in sorted(FOLDER.glob("*.patch"))]


def read(path: Path) -> Seed:
    """Raises ValueError for a patch that does not say what it is."""
    said = dict(line.split(": ", 1) for line in path.read_text("utf-8").split("\n\n")[0].splitlines() if ": " in line)
    if said.keys() != {"Bug", "Caught by"}:
        raise ValueError(f"{path.name} has to begin with the lines Bug: and Caught by:")
    return Seed(path.stem, said["Bug"], tuple(shlex.split(said["Caught by"])), path)


@contextmanager
def copied() -> Iterator[Path]:
    with TemporaryDirectory(prefix="syncd-seeded-") as folder:
        tree = Path(folder) / "tree"
        left_out = shutil.ignore_patterns(*_LEFT_OUT)
        here = {"data", "build"}  # what `make run` and pip leave in the root
        shutil.copytree(
            ROOT, tree, ignore=lambda at, names: left_out(at, names) | (here & {*names} if Path(at) == ROOT else set())
        )
        yield tree


def tried(tree: Path, seed: Seed) -> bool:
    """Whether somebody noticed. The tree is as before afterwards."""
    _git_apply(tree, seed)
    try:
        code, said = _pytest(tree, seed.caught_by)
    finally:
        _git_apply(tree, seed, "--reverse")
    if code not in (PASSED, FAILED):
        raise NotLookedAt(f"pytest ended with {code}: {said}")
    return code == FAILED


def _sound(tree: Path, chosen: Iterable[Seed]) -> bool:
    """Without a patch all of it passes; otherwise a failure would say nothing."""
    for words in dict.fromkeys(seed.caught_by for seed in chosen):
        code, said = _pytest(tree, words)
        if code != PASSED:
            print(f"without a patch: NOT LOOKED AT: {shlex.join(words)} ended with {code}: {said}", flush=True)
            return False
    print("without a patch: all pass", flush=True)
    return True


def _git_apply(tree: Path, seed: Seed, *how: str) -> None:
    ceiling = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}  # a repository around it is none of ours
    done = subprocess.run(
        ["git", "apply", *how, str(seed.patch)], cwd=tree, env=ceiling, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotLookedAt(f"the patch does not apply: {done.stderr.strip()[:300]}")


def _pytest(tree: Path, words: tuple[str, ...]) -> tuple[int, str]:
    """In the copy: what is imported must come from there, wherever syncd is installed."""
    inside = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    where = subprocess.run(
        [sys.executable, "-c", "import syncd, connectors; print(syncd.__file__); print(connectors.__file__)"],
        cwd=tree, env=inside, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    if not all(Path(file).is_relative_to(tree) for file in where):
        raise NotLookedAt("the tests would see another tree than the one that was patched")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *words],
        cwd=tree, env=inside, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return done.returncode, told[-1][:200] if told else ""
