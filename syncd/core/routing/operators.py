"""What a condition may ask of one field. Each operator compiles to a closure and its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncd.core.cleaning.text import match_form
from syncd.core.routing.readings import (
    Readings,
    mark_words,
    pack,
    quote,
    read_host,
    read_number,
)
from syncd.core.routing.scalars import ConditionError, Path, read_scalar, read_scalars, suggest

Check = Callable[[Readings], bool]
Tell = Callable[[Readings], str]

# Digits of these fields are a code: {from: "80", to: "81"} means 80000 to 81999, not a number.
CODES = frozenset({"postal_code"})


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled piece; equal keys always decide alike."""

    key: str
    says: str
    fields: tuple[str, ...]
    check: Check
    tell: Tell  # why the check failed; only asked after it did


def compile_operators(field: str, asked: object, path: Path) -> list[Part]:
    """`asked` is a plain value (equals), a list (in) or a mapping of operators, all of which must hold."""
    if isinstance(asked, list | tuple):
        return [_is_in(field, asked, path)]
    if not isinstance(asked, Mapping):
        return [_equals(field, asked, path)]
    if not asked:
        raise ConditionError(path, f"{field}: no operator given; use one of {', '.join(_NAMES)}")
    for name in asked:
        if name not in _NAMES:
            raise ConditionError((*path, str(name)), f"unknown operator {str(name)!r}{suggest(name, _NAMES)}")
    parts = [build(field, asked[name], (*path, name)) for name, build in _OPERATORS.items() if name in asked]
    if "from" in asked or "to" in asked:
        parts.append(_range(field, asked, path))
    return parts


def _equals(field: str, asked: object, path: Path) -> Part:
    text = read_scalar(asked, path)
    wanted, key = match_form(text), f"in {[match_form(text)]}"
    number = _figure(wanted)
    if number is None:
        return _part(field, key, quote(text), lambda facts: wanted in facts.texts[field])

    def check(facts: Readings) -> bool:
        return wanted in facts.texts[field] or facts.figures[field] == number

    return _part(field, key, quote(text), check)


def _is_in(field: str, asked: object, path: Path) -> Part:
    texts = read_scalars(asked, path)
    wanted, numbers = _wanted(texts)

    def check(facts: Readings) -> bool:
        return not wanted.isdisjoint(facts.texts[field]) or facts.figures[field] in numbers

    return _part(field, f"in {sorted(wanted)}", f"one of {_listed(texts)}", check)


def _is_not_in(field: str, asked: object, path: Path) -> Part:
    texts = read_scalars(asked, path)
    unwanted, numbers = _wanted(texts)

    def check(facts: Readings) -> bool:
        texts = facts.texts[field]
        return bool(texts) and unwanted.isdisjoint(texts) and facts.figures[field] not in numbers

    return _part(field, f"not in {sorted(unwanted)}", f"something other than {_listed(texts)}", check)


def _starts_with(field: str, asked: object, path: Path) -> Part:
    texts = read_scalars(asked, path)
    heads = tuple(sorted(set(map(match_form, texts))))

    def check(facts: Readings) -> bool:
        for text in facts.texts[field]:  # noqa: SIM110  # a third of the time that any() takes
            if text.startswith(heads):
                return True
        return False

    return _part(field, f"starts with {list(heads)}", f"to start with {_listed(texts)}", check)


def _contains(field: str, asked: object, path: Path) -> Part:
    texts = read_scalars(asked, path)
    phrases = sorted({mark_words(match_form(text)) for text in texts})

    def check(facts: Readings) -> bool:
        words = facts.words[field]
        for phrase in phrases:  # noqa: SIM110  # a third of the time that any() takes
            if phrase in words:
                return True
        return False

    return _part(field, f"contains {phrases}", f"the words {_listed(texts)}", check)


def _domain_in(field: str, asked: object, path: Path) -> Part:
    texts = read_scalars(asked, path)
    for index, text in enumerate(texts):
        if "." not in text or not read_host(match_form(text)):
            where = (*path, index) if isinstance(asked, list | tuple) else path
            raise ConditionError(where, f"{quote(text)} is not a domain such as example.com or .de")
    domains = frozenset(read_host(match_form(text)).removeprefix("www.") for text in texts)

    def check(facts: Readings) -> bool:
        return any(not domains.isdisjoint(_with_parents(host)) for host in facts.hosts[field])

    return _part(field, f"domain in {sorted(domains)}", f"a domain of {_listed(texts)}", check)


def _exists(field: str, asked: object, path: Path) -> Part:
    text = match_form(read_scalar(asked, path))
    if text not in {"true", "yes", "false", "no"}:
        raise ConditionError(path, f"exists takes true or false, not {quote(text)}")
    if text in {"true", "yes"}:
        return _part(field, "exists", "a value", lambda facts: bool(facts.texts[field]))
    return _part(field, "is empty", "no value", lambda facts: not facts.texts[field])


def _at_least(field: str, asked: object, path: Path) -> Part:
    low = read_number(match_form(read_scalar(asked, path)))
    if low is None:
        raise ConditionError(path, f"at_least takes a number, not {quote(read_scalar(asked, path))}")
    return _number_range(field, low, float("inf"), f"at least {low:.15g}")


def _range(field: str, asked: Mapping[str, object], path: Path) -> Part:
    bounds = {name: read_scalar(asked[name], (*path, name)) for name in ("from", "to") if name in asked}
    expected = " ".join(f"{name} {quote(text)}" for name, text in bounds.items())
    numbers = {name: read_number(match_form(text)) for name, text in bounds.items()}
    low, high = numbers.get("from", -float("inf")), numbers.get("to", float("inf"))
    if low is None or high is None or field in CODES:
        codes = {name: pack(match_form(text)) for name, text in bounds.items()}
        for name in (name for name, code in codes.items() if not code):
            raise ConditionError((*path, name), "a bound with no letter or digit in it")
        first, last = codes.get("from", ""), codes.get("to", "")
        short = min(len(first), len(last))
        backwards = first[:short] > last[:short]
        part = _code_range(field, first, last, expected)
    else:
        backwards = low > high
        part = _number_range(field, low, high, expected)
    if backwards:
        raise ConditionError((*path, "to"), f"nothing lies {expected}: the bounds are the wrong way round")
    return part


def _number_range(field: str, low: float, high: float, expected: str) -> Part:
    def check(facts: Readings) -> bool:
        for number in facts.numbers[field]:  # noqa: SIM110  # a third of the time that any() takes
            if low <= number <= high:
                return True
        return False

    return _part(field, f"number {low!r} to {high!r}", expected, check)


def _code_range(field: str, first: str, last: str, expected: str) -> Part:
    """An empty bound is an open one."""

    def check(facts: Readings) -> bool:
        codes = facts.codes[field]
        return any(first <= code[: len(first)] and (not last or code[: len(last)] <= last) for code in codes)

    return _part(field, f"code {first!r} to {last!r}", expected, check)


_OPERATORS: Mapping[str, Callable[[str, object, Path], Part]] = {
    "exists": _exists,
    "equals": _equals,
    "in": _is_in,
    "not_in": _is_not_in,
    "prefix": _starts_with,
    "starts_with": _starts_with,
    "contains": _contains,
    "domain_in": _domain_in,
    "at_least": _at_least,
}
_NAMES = (*_OPERATORS, "from", "to")


def _part(field: str, key: str, expected: str, check: Check) -> Part:
    def tell(facts: Readings) -> str:
        return f"{field} is {facts.shown[field]}, expected {expected}"

    return Part(f"{field} {key}", f"{field}: {expected}", (field,), check, tell)


def _wanted(texts: list[str]) -> tuple[frozenset[str], frozenset[float]]:
    wanted = frozenset(map(match_form, texts))
    return wanted, frozenset(number for number in map(_figure, wanted) if number is not None)


def _figure(text: str) -> float | None:
    """What a fact that is a number has to be, to be equal to this text."""
    try:
        return float(text)
    except ValueError:
        return None


def _with_parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]


def _listed(texts: list[str]) -> str:
    shown = ", ".join(map(quote, texts[:4]))
    return f"{shown} and {len(texts) - 4} more" if len(texts) > 4 else shown
