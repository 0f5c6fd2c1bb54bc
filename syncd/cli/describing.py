"""`syncd openapi`: what the daemon serves, for tools that read OpenAPI."""

from pathlib import Path

from syncd.cli.opened import CONFIG, config
from syncd.cli.shown import as_json
from syncd.console.openapi import describe


def openapi(path: Path = CONFIG) -> None:
    """Write an OpenAPI 3.1 document of what the daemon serves with this config. No secret stands in it."""
    as_json(describe(config(path)))
