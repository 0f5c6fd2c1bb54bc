"""Task texts: Jinja2 in its immutable sandbox. What people typed is data, never template source.

The sandbox bars the way to Python but not to all the memory there is, so a template may only use what
cannot grow beyond its variables: no arithmetic on texts, no loops but one level over `answers` or
`remarks`, no macros, no calls, and filters that shorten or dress.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syncd.model import FIELDS

SUBJECT = (
    "{{ verb }} {{ who }}{% if company %} ({{ company }}){% endif %}"
    "{% if topic %} - {{ topic }}{% endif %} - by {{ due }}"
)
BODY = """\
{% if question %}{{ question }}

{% endif %}\
{% if phone %}Phone: {{ phone }}
{% endif %}{% if email %}E-mail: {{ email }}
{% endif %}Who: {{ who }}{% if job_title %}, {{ job_title }}{% endif %}{% if company %}, {{ company }}{% endif %}\
{% if country %}, {{ country }}{% endif %}

Source: {{ lead_source }} (form {{ source }}, channel {{ channel }}\
{% if campaign %}, campaign {{ campaign }}{% endif %})
{% if page %}Page: {{ page }}
{% endif %}{% if interactions > 1 %}They have asked {{ interactions }} times.
{% elif known %}The CRM knew them before.
{% endif %}{% for remark in remarks %}{{ remark }}
{% endfor %}You got this by: {{ why }}
Due: {{ due_long }}
{% if url %}{{ url }}
{% endif %}Lead: {{ lead }}"""

SAMPLE: Mapping[str, object] = {
    "verb": "Call", "who": "Eva Muster", "first_name": "Eva", "last_name": "Muster", "company": "Acme GmbH",
    "topic": "pricing", "due": "14:30", "due_long": "Mon 23 Nov 2026, 14:30 (Europe/Berlin)",
    "question": "How much is it?", "phone": "+49 30 1234567", "email": "eva@example.com", "job_title": "CTO",
    "country": "DE", "lead_source": "Website", "source": "contact", "channel": "organic_search",
    "campaign": "spring", "page": "https://example.com/contact", "interactions": 1, "remarks": ("A remark.",),
    "why": "rule everyone else", "url": "https://crm.example.com/7", "owner": "Tom", "rule": "everyone else",
    "lead": "L1", "stage": "lead", "answers": (("Question", "Answer"),), "fields": dict.fromkeys(FIELDS, "Example"),
    "known": False,
}  # fmt: skip
"""Every variable that a task template may use, with an example."""

LONGEST = 20_000
_LONGEST_SOURCE = 10_000


def check_template(source: str) -> list[str]:
    """What is wrong with a template, also in branches that the sample values do not take; empty when nothing is."""
    if len(source) > _LONGEST_SOURCE:
        return [f"longer than {_LONGEST_SOURCE} characters"]
    try:
        tree = _strict.parse(source)
        troubles = list(dict.fromkeys([*_refused(tree), *_unknown(tree)]))
        if not troubles:
            _strict.from_string(tree).render(SAMPLE)
    except Exception as error:  # noqa: BLE001 - whatever a template makes Jinja2 or Python say is its mistake
        return [str(error) or type(error).__name__]
    return troubles


def render(source: str, values: Mapping[str, object], fallback: str) -> str:
    """The text, cut at LONGEST characters; `fallback` when the template fails or says nothing.

    Here a misspelt variable leaves a gap: it must never lose a lead's task.
    """
    pieces: list[str] = []
    room = LONGEST
    try:
        template = _compiled(source)
        # `shared`: nobody else's globals are looked at, for there are none, which halves the time of a short text
        for piece in template.root_render_func(template.new_context(dict(values), shared=True)):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                break
    except Exception:  # noqa: BLE001 - filters raise what they like, and the task matters more than its words
        return fallback
    return "".join(pieces)[:LONGEST].strip() or fallback


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    tree = _lenient.parse(source)
    for trouble in _refused(tree):
        raise SecurityError(trouble)
    return _lenient.from_string(tree)


_strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_lenient = ImmutableSandboxedEnvironment(autoescape=False)
for _environment in (_strict, _lenient):
    _environment.globals.clear()  # range, namespace and the like: nothing here needs them


def _unknown(tree: nodes.Template) -> Iterator[str]:
    """Jinja2's own search would fold constants, and 'a' * 10**9 with them."""
    names = list(tree.find_all(nodes.Name))
    made = {name.name for name in names if name.ctx == "store"} | {"loop"}
    for unknown in sorted({name.name for name in names} - made - SAMPLE.keys()):
        yield f"{unknown!r} is undefined"


def _refused(tree: nodes.Template) -> Iterator[str]:
    """What a template may not use, each with its line."""
    for node, inside_loop in _walk(tree):
        if trouble := _trouble(node, inside_loop=inside_loop):
            yield f"line {node.lineno}: {trouble}"


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, bool]]:
    """Every node, and whether it stands inside a loop."""
    waiting = [(tree, False)]
    while waiting:
        node, inside_loop = waiting.pop()
        yield node, inside_loop
        inside_loop = inside_loop or isinstance(node, nodes.For)
        waiting += [(child, inside_loop) for child in node.iter_child_nodes()]


def _trouble(node: nodes.Node, *, inside_loop: bool) -> str:
    if isinstance(node, nodes.For):
        plain = isinstance(node.iter, nodes.Name) and node.iter.name in _LISTS and not node.recursive
        return "" if plain and not inside_loop else f"loops run over {' or '.join(_LISTS)}, and not inside each other"
    if isinstance(node, nodes.Filter):
        return "" if node.name in _FILTERS else f"no filter {node.name!r} here; there are {', '.join(sorted(_FILTERS))}"
    if isinstance(node, nodes.Getattr):
        return _trouble_with_part(node)
    if isinstance(node, _ALLOWED):
        return ""
    return f"{_WORDS.get(type(node), type(node).__name__.lower())} cannot be used here"


def _trouble_with_part(node: nodes.Getattr) -> str:
    owner = node.node.name if isinstance(node.node, nodes.Name) else ""
    known = FIELDS if owner == "fields" else _OF_LOOP if owner == "loop" else ()
    return "" if node.attr in known else f".{node.attr} cannot be used here; a filter is written as who|upper"


_LISTS = ("answers", "remarks")
_OF_LOOP = frozenset({"first", "last", "index", "index0", "revindex", "length"})
_FILTERS = frozenset(
    {"capitalize", "default", "d", "first", "int", "last", "length", "lower", "round", "title", "trim", "truncate"}
    | {"upper", "urlencode"}
)
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Tuple, nodes.If),
    *(nodes.Getitem, nodes.Slice, nodes.Keyword, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or),
    *(nodes.Not, nodes.CondExpr, nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg),
)
_WORDS: Mapping[type[nodes.Node], str] = {
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Mod: "%",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Call: "a call with brackets",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.List: "a list",
    nodes.Dict: "a mapping",
}
