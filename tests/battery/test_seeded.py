"""The patches of the seeded bugs are there, say what they are, and still apply; trying them takes `make seeded`."""

import subprocess
from pathlib import Path

import pytest

from tests.battery.seeded import FOLDER, ROOT, NotLookedAt, Seed, read, seeds, tried


def test_there_are_twelve() -> None:
    assert len(seeds()) == 12


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_each_says_what_it_is_and_who_notices(seed: Seed) -> None:
    assert seed.bug.endswith(".")
    assert [word for word in seed.caught_by[:1] if (ROOT / word).is_file()]


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_each_still_applies(seed: Seed) -> None:
    """To the tree as it is; one that does not must be made anew, or the bug is no longer looked for."""
    words = ["git", "apply", "--check", str(seed.patch)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_patch_that_does_not_apply_is_no_pass(tmp_path: Path) -> None:
    old = tmp_path / "old.patch"
    old.write_text((FOLDER / "retried-post.patch").read_text("utf-8"), "utf-8")

    with pytest.raises(NotLookedAt, match="does not apply"):
        tried(tmp_path, read(old))


def test_a_patch_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    bare = tmp_path / "bare.patch"
    bare.write_text("--- a/x\n+++ b/x\n", "utf-8")

    with pytest.raises(ValueError, match="has to begin with"):
        read(bare)
