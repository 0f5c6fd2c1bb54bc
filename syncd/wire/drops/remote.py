"""What folders elsewhere have in common: files are brought here whole before they are read."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import EFBIG
from tempfile import TemporaryFile
from typing import BinaryIO, Literal

from pydantic import Field

from syncd.wire.drops.options import DropOptions


class RemoteDropOptions(DropOptions):
    after: Literal["move", "delete", "leave"] = Field(
        "move", description="what becomes of a read file; leave: it stays, and syncd remembers that it has read it"
    )
    largest: int = Field(512, ge=1, le=10_000, description="MiB of a file at most; a larger one is left and told")
    timeout: float = Field(15, ge=1, le=300, description="seconds to wait for an answer")


@contextmanager
def brought(pieces: Iterable[bytes], largest: int) -> Iterator[BinaryIO]:
    """The pieces as a file on this machine's disk, gone when it is closed. Raises OSError beyond `largest` MiB."""
    with TemporaryFile() as file:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > largest * 2**20:
                raise OSError(EFBIG, f"larger than {largest} MiB: {os.strerror(EFBIG)}")
            file.write(piece)
        file.seek(0)
        yield file
