"""Trouble on its way to the user becomes one plain line and an exit code; only bugs keep their traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from syncd.cli.exits import Exit
from syncd.cli.shown import fail
from syncd.errors import ConfigError, StoreBusy, StoreError, SyncdError

_CODES: tuple[tuple[type[SyncdError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    (StoreError, Exit.STORE),
    (StoreBusy, Exit.STORE),
    (SyncdError, Exit.FAILED),
)


class Commands(TyperGroup):
    """A group of commands that ends in plain words."""

    def invoke(self, ctx: Any) -> Any:
        with plain_words():
            return super().invoke(ctx)


@contextmanager
def plain_words() -> Iterator[None]:
    """Ends the program with one line on standard error for everything that is no bug."""
    try:
        yield
    except SyncdError as error:
        fail(str(error), next(code for kind, code in _CODES if isinstance(error, kind)))
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)
    except BrokenPipeError:
        raise  # `syncd parked | head` has seen enough
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}", Exit.FAILED)
