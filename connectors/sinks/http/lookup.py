"""Who is there already, by the questions of the config."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.sinks.http.answers import id_at, text_at, value_at
from connectors.sinks.http.client import Client
from connectors.sinks.http.links import Links
from connectors.sinks.http.options import FindMarkOptions, FindOptions, HttpSinkOptions, LookupOptions
from connectors.sinks.http.words import Values, of_keys
from syncd.connector import Known, LeadKeys, OwnerRef, Ref, Rejected, Retryable


class Lookup:
    def __init__(self, options: HttpSinkOptions, client: Client, links: Links) -> None:
        self._options, self._client, self._links = options, client, links
        self._emails = {theirs: email.lower() for email, theirs in options.owners.items()}

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """Each question with each address; a record that no question can ask for is believed to be there."""
        return [self._find(keys) for keys in leads]

    def _find(self, keys: LeadKeys) -> Known | None:
        for question in self._options.find:
            for values in _askable(question, keys):
                if (item := first(self._client, question, values, "look-up")) is not None:
                    return self._known(question, item)
        return Known(keys.ref) if keys.ref and not self.tells_of_refs else None

    @property
    def tells_of_refs(self) -> bool:
        """Whether a record that is gone would be missed; otherwise it is believed to be there."""
        return any("ref" in source for question in self._options.find for source in _templates(question))

    def _known(self, question: FindOptions, item: Any) -> Known:
        owner = text_at(item, question.owner)
        values = {name: text for name, path in question.values.items() if (text := text_at(item, path))}
        return Known(self._links.ref(id_at(item, question.id)), self._owner(owner) if owner else None, values=values)

    def _owner(self, theirs: str) -> OwnerRef:
        email = self._emails.get(theirs, theirs.lower() if "@" in theirs else "")
        return OwnerRef(theirs, email)


class Marks:
    """Looks for what an earlier try may have made."""

    def __init__(self, client: Client, question: FindMarkOptions | None, word: str) -> None:
        self._client, self._question, self._word = client, question, word

    @property
    def can_tell(self) -> bool:
        return self._question is not None

    def find(self, values: Values) -> Ref | None:
        if self._question is None:
            return None
        item = first(self._client, self._question, values, f"look-up of a {self._word}")
        return None if item is None else Ref(self._word, id_at(item, self._question.id))


def first(client: Client, question: LookupOptions, values: Values, what: str) -> Any:
    """The first answer that is meant; None where there is none.

    Raises Retryable for an answer that is none, for that must not pass for a stranger.
    """
    reply = client.ask(question, values, what, judged=question.absent)
    if reply.status in question.absent or reply.status == 204:
        return None
    found = value_at(reply.json(), question.items)
    if found is None and question.items:
        raise Retryable(f"{client.name}: {what}: the answer has nothing under {question.items}")
    items = found if isinstance(found, list) else [found]
    meant = [item for item in items if item is not None and _is_meant(question, values, item)]
    if meant and not id_at(meant[0], question.id):
        raise Retryable(f"{client.name}: {what}: the answer has no id under {question.id}")
    return meant[0] if meant else None


def _is_meant(question: LookupOptions, values: Values, item: Any) -> bool:
    sandbox = question.WORDS.texts
    wanted = {path: sandbox.render(source, values) for path, source in question.where.items()}
    return all(text and text_at(item, path).casefold() == text.casefold() for path, text in wanted.items())


def _askable(question: FindOptions, keys: LeadKeys) -> Iterator[Values]:
    """The values for each address the person may have, as far as all that the question needs is there."""
    for email in keys.emails or ("",):
        values = of_keys(replace(keys, emails=(email,)))
        if _has_all(question, values):
            yield values
        if "email" not in "".join(_templates(question)):
            return


def _has_all(question: FindOptions, values: Values) -> bool:
    """Whether every template of the address and of what must match comes out with something in it."""
    try:
        question.WORDS.address.render(question.path, values)
        return all(question.WORDS.texts.render(source, values) for source in _asked_by(question))
    except Rejected:
        return False


def _asked_by(question: FindOptions) -> list[str]:
    """A literal text asks nothing."""
    told: Mapping[str, str] = {
        **question.params,
        **question.form,
        **{f"where {n}": s for n, s in question.where.items()},
    }
    leaves = [*told.values(), *_leaves(question.body)]
    return [source for source in leaves if "{" in source]


def _templates(question: FindOptions) -> list[str]:
    return [question.path, *_asked_by(question)]


def _leaves(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for branch in tree.values():
            yield from _leaves(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _leaves(branch)
    elif isinstance(tree, str):
        yield tree
