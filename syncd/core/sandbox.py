"""Templates of the config: Jinja2 in its immutable sandbox. What people typed is data, never template source.

The sandbox bars the way to Python but not to all the memory there is, so a template may only use what
cannot grow beyond its variables: no arithmetic on texts, no loops but one level over a variable that is a
list, no macros, no calls, and filters that shorten or dress.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syncd.errors import Rejected

LONGEST = 20_000
_LONGEST_SOURCE = 10_000


class Sandbox:
    """Thread-safe. Templates over the variables of `sample`, which has an example of each.

    A variable that is a tuple may be looped over, the parts of one that is a mapping may be named. `dress` is
    given every value that an expression puts out.
    """

    def __init__(self, sample: Mapping[str, object], dress: Callable[[object], object] | None = None) -> None:
        self._sample = sample
        self._lists = sorted(name for name, value in sample.items() if isinstance(value, tuple))
        self._parts = {name: frozenset(value) for name, value in sample.items() if isinstance(value, Mapping)}
        self._strict, self._lenient = _environment(StrictUndefined, dress), _environment(Undefined, dress)
        self._compiled = lru_cache(maxsize=512)(self._compile)

    def check(self, source: str) -> list[str]:
        """What is wrong with a template, also in branches that the sample values do not take; empty when nothing is."""
        if len(source) > _LONGEST_SOURCE:
            return [f"longer than {_LONGEST_SOURCE} characters"]
        try:
            tree = self._strict.parse(source)
            troubles = list(dict.fromkeys([*self._refused(tree), *self._unknown(tree)]))
            if not troubles:
                self._strict.from_string(tree).render(self._sample)
        except Exception as error:  # noqa: BLE001 - whatever a template makes Jinja2 or Python say is its mistake
            return [str(error) or type(error).__name__]
        return troubles

    def render(self, source: str, values: Mapping[str, object]) -> str:
        """The text, cut at LONGEST characters. A misspelt variable leaves a gap here.

        Raises Rejected, without a word of the values, when the template fails.
        """
        pieces: list[str] = []
        room = LONGEST
        try:
            template = self._compiled(source)
            # `shared`: nobody else's globals are looked at, for there are none, which halves the time of a short text
            for piece in template.root_render_func(template.new_context(dict(values), shared=True)):
                pieces.append(piece)
                room -= len(piece)
                if room < 0:
                    break
        except Rejected:
            raise
        except Exception as error:  # noqa: BLE001 - filters raise what they like
            raise Rejected(f"the template cannot be filled in ({type(error).__name__})") from None
        return "".join(pieces)[:LONGEST]

    def _compile(self, source: str) -> Template:
        tree = self._lenient.parse(source)
        for trouble in self._refused(tree):
            raise SecurityError(trouble)
        return self._lenient.from_string(tree)

    def _unknown(self, tree: nodes.Template) -> Iterator[str]:
        """Jinja2's own search would fold constants, and 'a' * 10**9 with them."""
        names = list(tree.find_all(nodes.Name))
        made = {name.name for name in names if name.ctx == "store"} | {"loop"}
        for unknown in sorted({name.name for name in names} - made - self._sample.keys()):
            yield f"{unknown!r} is undefined"

    def _refused(self, tree: nodes.Template) -> Iterator[str]:
        """What a template may not use, each with its line."""
        for node, inside_loop in _walk(tree):
            if trouble := self._trouble(node, inside_loop=inside_loop):
                yield f"line {node.lineno}: {trouble}"

    def _trouble(self, node: nodes.Node, *, inside_loop: bool) -> str:
        if isinstance(node, nodes.For):
            return "" if self._plain(node) and not inside_loop else self._about_loops
        if isinstance(node, nodes.Filter):
            known = ", ".join(sorted(_FILTERS))
            return "" if node.name in _FILTERS else f"no filter {node.name!r} here; there are {known}"
        if isinstance(node, nodes.Getattr):
            return self._trouble_with_part(node)
        if isinstance(node, _ALLOWED):
            return ""
        return f"{_WORDS.get(type(node), type(node).__name__.lower())} cannot be used here"

    def _plain(self, node: nodes.For) -> bool:
        return isinstance(node.iter, nodes.Name) and node.iter.name in self._lists and not node.recursive

    @property
    def _about_loops(self) -> str:
        if not self._lists:
            return "loops cannot be used here"
        return f"loops run over {' or '.join(self._lists)}, and not inside each other"

    def _trouble_with_part(self, node: nodes.Getattr) -> str:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        known = _OF_LOOP if owner == "loop" else self._parts.get(owner, frozenset())
        return "" if node.attr in known else f".{node.attr} cannot be used here; a filter is written as who|upper"


def _environment(undefined: type[Undefined], dress: Callable[[object], object] | None) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=undefined, autoescape=False, finalize=dress)
    environment.globals.clear()  # range, namespace and the like: nothing here needs them
    return environment


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, bool]]:
    """Every node, and whether it stands inside a loop."""
    waiting = [(tree, False)]
    while waiting:
        node, inside_loop = waiting.pop()
        yield node, inside_loop
        inside_loop = inside_loop or isinstance(node, nodes.For)
        waiting += [(child, inside_loop) for child in node.iter_child_nodes()]


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
