"""`python -m tests.battery <name>`: one battery, or `faults` for all of them. Every run prints its seed."""

import argparse
import importlib
import random
import sys
from typing import Protocol

NAMES: tuple[str, ...] = (
    "crash",
    "stops",
    "restarts",
    "ambiguity",
    "stumbles",
    "poison",
    "repeats",
    "simulation",
    "model",
    "outage",
    "seeded",
    "soak",
    "fuzz",
    "flood",
    "mails",
)
"""In the order in which `faults` runs them; each is a module beside this one that is a `Battery`."""


class Battery(Protocol):
    """What a module of this folder offers. Its docstring's first line is its help."""

    __doc__: str | None

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add what can be chosen beside `--seed`; every option has a default."""
        ...

    def run(self, said: argparse.Namespace) -> int:
        """Print what was done and found; 0 when nothing was violated, 1 otherwise, 3 when it could not look."""
        ...


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.battery", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    for name in NAMES:
        battery = load(name)
        words_of = commands.add_parser(name, help=(battery.__doc__ or "").splitlines()[0])
        _seed(words_of)
        battery.options(words_of)
    _seed(commands.add_parser("faults", help="all of them, one after the other"))
    said = parser.parse_args(words)
    print(f"{said.name}: seed {said.seed}", flush=True)
    return load(said.name).run(said) if said.name != "faults" else _all(said.seed)


def load(name: str) -> Battery:
    return importlib.import_module(f"tests.battery.{name}")  # type: ignore[return-value]


def _seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31), help="to see a run again")


def _all(seed: int) -> int:
    found = {name: main([name, "--seed", str(seed)]) for name in NAMES}
    for name, code in found.items():
        print(f"{name}: {_MEANING.get(code, f'ended with {code}')}")
    return max(found.values(), default=3)


_MEANING = {0: "held", 1: "VIOLATED", 3: "NOT LOOKED AT: it could not see what it needs"}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
