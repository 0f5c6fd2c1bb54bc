"""Builds the parts from the settings, and knows everybody."""

from syncd.app.addresses import source_url
from syncd.app.app import App
from syncd.app.crews import unplugged

__all__ = ["App", "source_url", "unplugged"]
