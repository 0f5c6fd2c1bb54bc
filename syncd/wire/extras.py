"""Connectors whose libraries are not installed with syncd itself."""

from importlib.util import find_spec


def insist_on_extra(package: str, extra: str) -> None:
    """For a validator of options. Raises ValueError with the command that helps, where the package is missing."""
    if find_spec(package) is None:
        raise ValueError(f"{package} is not installed: pip install 'syncd[{extra}]'")
