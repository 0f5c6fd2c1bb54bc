"""The manual's page on each type of source, from what its plugin says of itself, and the table of all of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from syncd.config.options import is_secret
from syncd.connector import About, LockedSourceOptions, Plugin
from syncd.registry import SOURCES, Registry

BEGIN, END = "<!-- from here on: make docs -->", "<!-- to here -->"


def source_pages(registry: Registry) -> Mapping[str, str]:
    """Type -> Markdown."""
    return {kind: _page(kind, registry.load(SOURCES, kind)) for kind in registry.names(SOURCES)}


def with_table(text: str, registry: Registry) -> str:
    """The text with the table of all types between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_table(registry)}{END}{after}"


def example(kind: str, plugin: Plugin[Any]) -> str:
    """A source of this type as it stands in the config."""
    lines = ["sources:", "  leads:", f"    type: {kind}"]
    return "\n".join([*lines, *(f"    {name}: {value}" for name, value in _usual(kind, plugin).items())]) + "\n"


def _table(registry: Registry) -> str:
    lines = ["| type | what | what a webhook missed |", "|---|---|---|"]
    for kind in registry.names(SOURCES):
        about = _about(kind, registry.load(SOURCES, kind))
        lines.append(
            f"| [`{kind}`](sources/{kind}.md) | {about.title} | {about.missed.partition('. ')[0].rstrip('.')} |"
        )
    return "\n".join(lines) + "\n"


def _page(kind: str, plugin: Plugin[Any]) -> str:
    return "\n".join(_parts(kind, plugin)).rstrip() + "\n"


def _parts(kind: str, plugin: Plugin[Any]) -> Iterator[str]:
    about = _about(kind, plugin)
    yield f"# {about.title}\n"
    yield "Made by `make docs` from the program itself; do not edit.\n"
    yield f"```yaml\n{example(kind, plugin)}```\n"
    link = f" The vendor's page: <{about.link}>." if about.link else ""
    yield f"All options: [configuration.md](../configuration.md#sources-{kind}).{link}\n"
    if about.setup:
        yield "## What to do there\n"
        yield from (f"{number}. {_with_address(step, kind, plugin)}" for number, step in enumerate(about.setup, 1))
        yield ""
    for head, text in (("What a webhook missed", about.missed), ("What it was tested against", about.tested)):
        if text:
            yield f"## {head}\n\n{text}\n"
    if about.notes:
        yield "## Worth knowing\n"
        yield from (f"- {note}" for note in about.notes)


def _about(kind: str, plugin: Plugin[Any]) -> About:
    return plugin.about or About(kind)


def _with_address(step: str, kind: str, plugin: Plugin[Any]) -> str:
    token = "/<token>" if "token" in _usual(kind, plugin) else ""
    return step.replace("{url}", f"`https://<your host>/in/leads{token}`")


def _usual(kind: str, plugin: Plugin[Any]) -> Mapping[str, str]:
    """What most people write: the proof, the key to fetch by, and what there is no default for."""
    about, fields = _about(kind, plugin), plugin.options.model_fields
    if about.example:
        return about.example
    proof = "token" if issubclass(plugin.options, LockedSourceOptions) or "secret" not in fields else "secret"
    needed = [name for name, field in fields.items() if field.is_required()]
    names = [proof, *(name for name in ("api_token", "form_id") if name in fields), *needed]
    return {name: _value(kind, name, secret=is_secret(fields[name].annotation)) for name in dict.fromkeys(names)}


def _value(kind: str, name: str, *, secret: bool) -> str:
    return f"${{{kind.upper()}_{name.upper()}}}" if secret else f"<{name}>"
