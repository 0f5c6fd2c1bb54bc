"""`syncd prove`: the four promises, counted."""

from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.fetching import parts, told
from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, say
from syncd.store import balances
from syncd.store.proof import Proof
from syncd.store.proof import prove as count


def prove(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Count that nothing is lost, doubled, forgotten or unexplained; exit code 4 when it does not add up."""
    with operations(path) as (loaded, work):
        proof = count(work.store.database)
        found = {name: balances.read(work.store.database, name) for name in loaded.sources}
    lists = {name: balance for name, balance in found.items() if balance}
    if json:
        as_json(
            {
                "holds": proof.holds,
                "received": proof.received,
                "classes": proof.classes,
                "checks": [{"promise": c.promise, "what": c.what, "broken": c.broken} for c in proof.checks],
                "lists": parts(lists),
            }
        )
    else:
        _show(proof)
        for name, balance in lists.items():
            say(told(name, balance))
    if not proof.holds:
        raise typer.Exit(Exit.UNPROVEN)


def _show(proof: Proof) -> None:
    total = sum(proof.classes.values())
    classes = " + ".join(f"{count} {name}" for name, count in proof.classes.items())
    say(f"received {proof.received} {'=' if total == proof.received else '!='} {total}: {classes}")
    for check in proof.checks:
        verdict = "broken by " + ", ".join(check.broken) if check.broken else "none"
        say(f"{check.promise}: {check.what}: {verdict}")
    say("The balance holds." if proof.holds else "The balance does NOT hold.")
