"""Folders into which somebody puts files of rows, on this machine and elsewhere."""

from syncd.wire.drops.drop import Drop
from syncd.wire.drops.options import DropOptions
from syncd.wire.drops.place import PENDING, Place, Seen, free_names
from syncd.wire.drops.remote import RemoteDropOptions, brought

__all__ = ["PENDING", "Drop", "DropOptions", "Place", "RemoteDropOptions", "Seen", "brought", "free_names"]
