from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config.load import Loaded, load_text
from syncd.config.problems import ConfigErrors
from tests.config.world import GOOD, registry

Change = tuple[str, str]


def changed(*changes: Change) -> str:
    """The good config with pieces replaced; a piece must be there."""
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Loaded]:
    """Load the good config with changes."""

    def load(*changes: Change, **environ: str) -> Loaded:
        return load_text(changed(*changes), environ, registry(), folder=tmp_path)

    return load


@pytest.fixture
def problems(tmp_path: Path) -> Callable[..., list[str]]:
    """What is said of the good config with changes."""

    def problems(*changes: Change, **environ: str) -> list[str]:
        with pytest.raises(ConfigErrors) as raised:
            load_text(changed(*changes), environ, registry(), folder=tmp_path)
        return str(raised.value).splitlines()

    return problems
