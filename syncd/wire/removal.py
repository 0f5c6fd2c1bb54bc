"""Taking back what syncd has made: where a ref is deleted, and what the answers mean together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote

from syncd.errors import Ambiguous, Refused, Retryable, SyncdError
from syncd.model import Ref, Unknown, Wait

Delete = Callable[[str], object | None]
"""Address -> None where it is gone, now or before; else what the service has against it."""


def remove_each(service: str, refs: Sequence[Ref], addresses: Mapping[str, str], delete: Delete) -> None:
    """One call for each, of a service without batches. `addresses`: its word -> where one is deleted, with {id}.

    Raises as `insist_on_removal` does, and what `delete` raises.
    """
    places = [address_of(service, ref, addresses) for ref in refs]  # all of them, before anything is deleted
    insist_on_removal(service, map(delete, places))


def address_of(service: str, ref: Ref, addresses: Mapping[str, str]) -> str:
    """Raises Refused for what is neither a task nor a record of the service."""
    check_refs(service, [ref], lambda ref: ref.object in addresses and bool(ref.id))
    return addresses[ref.object].format(id=quote(ref.id, safe=""))


def check_refs(service: str, refs: Iterable[Ref], known: Callable[[Ref], bool]) -> None:
    """Raises Refused for what is not known as a task or a record of the service."""
    for ref in refs:
        if not known(ref):
            raise Refused(f"{service}: not removed: {ref.object} {ref.id} is neither a task nor a record")


def insist_on_removal(service: str, answers: Iterable[object | None]) -> None:
    """`answers`: None for each that is gone, Wait, Unknown, or what the service has against it.

    All are attempted, whatever becomes of one, and then the first trouble is raised: Ambiguous, Refused or Retryable.
    Removing them all again does no harm.
    """
    troubles = [_trouble(service, answer) for answer in answers if answer is not None]
    if troubles:
        raise troubles[0]


def _trouble(service: str, answer: object) -> SyncdError:
    if isinstance(answer, Wait):
        return Retryable(answer.reason, answer.after)
    if isinstance(answer, Unknown):
        return Ambiguous(answer.reason)
    return Refused(f"{service}: removal refused: {answer}")
