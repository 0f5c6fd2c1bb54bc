"""The config as a page of the manual: every section, every connector, and what conditions may ask."""

from collections.abc import Iterator, Mapping, Sequence

from syncd.config.entries import SECTIONS
from syncd.config.options import TWIN
from syncd.config.schema import OptionHelp, describe_options
from syncd.config.settings import Settings
from syncd.core.facts import FACT_NAMES
from syncd.core.junk import DEFAULT_WEIGHTS
from syncd.core.playbook import FieldPolicy
from syncd.model import FIELDS
from syncd.registry import Registry

OPERATORS: Mapping[str, str] = {
    "equals": "the value is this one; the same as writing the value alone",
    "in": "the value is one of these; the same as writing a list",
    "not_in": "there is a value, and it is none of these",
    "contains": "one of these words or phrases stands in the text",
    "starts_with": "the text begins with one of these",
    "prefix": "the same as starts_with, as for postal codes",
    "domain_in": "the domain, or one above it, is one of these",
    "at_least": "a number of this size or larger",
    "from": "from this number or code on; of a postal code, its first digits; alone or with to",
    "to": "up to this number or code, itself included; alone or with from",
    "exists": "yes: there is a value; no: there is none",
}
"""Operator of a condition -> what it means."""

POLICIES: Mapping[FieldPolicy, str] = {
    FieldPolicy.FILL_EMPTY: "written where the CRM has nothing; what stands there stays",
    FieldPolicy.OVERWRITE: "always written",
    FieldPolicy.APPEND: "added below what stands there, once",
    FieldPolicy.MAX: "the greater number or the later date stays",
    FieldPolicy.NEVER: "never written, not even where there is nothing",
}

INTRODUCTION = f"""\
# Configuration reference

Made by `make docs` from the program itself; do not edit. [config.example.yaml](../config.example.yaml) shows the
options in their places, `syncd schema` makes a JSON schema for editors, `syncd check` names every mistake
with its line.

- `${{NAME}}` takes a value from the environment, `${{NAME:-default}}` with a default; `$${{` stands for a plain `${{`.
- A secret `x` may be written as `x{TWIN}: name of a file that holds it`. The file must not be open to everybody.
  Under systemd that is `${{CREDENTIALS_DIRECTORY}}/x`, in a container `/run/secrets/x`.
- Relative files and folders start where the config is. Times are written as `30 s`, `5 min`, `2 h`, `5 days`.
- `<name>` is a name of your choice, `[]` an entry of a list.
- Each source, sink and alert has `type`, what stands for all of them under `sources.<name>`, `sinks.<name>` and
  `alerts.<name>`, and the options of its connector.
"""


def reference(registry: Registry) -> str:
    """Markdown with the options of the config and of every connector of the registry."""
    parts = [INTRODUCTION, "## Sections\n", _table(describe_options(Settings))]
    for section, (group, _) in SECTIONS.items():
        for kind in registry.names(group):
            parts += [f"## {section}: {kind}\n", *_connector(registry, group, kind)]
    return "\n".join([*parts, *_lists()]).rstrip() + "\n"


def _connector(registry: Registry, group: str, kind: str) -> Iterator[str]:
    plugin = registry.load(group, kind)
    words = (plugin.make.__doc__ or "").strip().split("\n\n")[0]
    if words:
        yield " ".join(words.split()) + "\n"
    own = list(describe_options(plugin.options))
    yield _table(own) if own else "No options of its own.\n"


def _table(options: Iterator[OptionHelp] | Sequence[OptionHelp]) -> str:
    lines = ["| option | value | default | what |", "|---|---|---|---|"]
    lines += [f"| `{each.name}` | {_value(each)} | {_default(each)} | {_cell(each.description)} |" for each in options]
    return "\n".join(lines) + "\n"


def _value(option: OptionHelp) -> str:
    return _cell(f"{option.type}{f', {option.limits}' if option.limits else ''}{', secret' if option.secret else ''}")


def _default(option: OptionHelp) -> str:
    if option.required:
        return "required"
    return f"`{_cell(option.default)}`" if option.default else ""


def _cell(text: str) -> str:
    """One line that does not end the cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")


def _lists() -> Iterator[str]:
    yield "## Conditions of rules\n"
    yield "`when` is a mapping of facts, all of which must hold; `any`, `all` and `not` put conditions together.\n"
    yield _pairs("operator", OPERATORS)
    yield "### Facts\n"
    yield "Every field below, and:\n"
    yield _pairs("fact", {name: words for name, words in FACT_NAMES.items() if name not in FIELDS})
    yield "## Fields\n"
    yield "What `map` of a source, `fields`, rules and templates call what a person has written.\n"
    yield _pairs("field", FIELDS)
    yield "### What happens where the CRM fills a field already\n"
    yield _pairs("policy", {str(policy): words for policy, words in POLICIES.items()})
    yield "## Signals of junk\n"
    yield "Their points add up to a score from 0 to 100; `junk.weights` changes them.\n"
    yield _pairs("signal", {name: str(points) for name, points in DEFAULT_WEIGHTS.items()}, "points")


def _pairs(what: str, rows: Mapping[str, str], words: str = "is") -> str:
    lines = [f"| {what} | {words} |", "|---|---|", *(f"| `{name}` | {_cell(told)} |" for name, told in rows.items())]
    return "\n".join(lines) + "\n"
