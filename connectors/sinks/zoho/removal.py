"""Deleting tasks and records, a hundred of a module in a call, into Zoho's recycle bin.

https://www.zoho.com/crm/developer/docs/api/v8/delete-records.html
"""

from collections.abc import Iterator, Sequence

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.batches import verdict_in
from connectors.sinks.zoho.client import BATCH, Client
from connectors.sinks.zoho.coql import in_parts
from connectors.sinks.zoho.failures import Fault
from connectors.sinks.zoho.options import ZohoOptions
from syncd.connector import Ref, Unknown, check_refs, insist_on_removal

TASKS, WORDS = "Tasks", ("task", "record")


class Removal:
    def __init__(self, options: ZohoOptions, client: Client) -> None:
        self._options, self._client = options, client

    def remove(self, refs: Sequence[Ref]) -> None:
        """Zoho's workflows run only where `trigger` has them."""
        usual = self._options.module
        check_refs("zoho", refs, lambda ref: ref.object in WORDS and wire.place_of(ref, usual)[1].isdecimal())
        places = dict.fromkeys((TASKS, ref.id) if ref.object == "task" else wire.place_of(ref, usual) for ref in refs)
        listed = {module: [each for where, each in places if where == module] for module in (TASKS, *wire.MODULES)}
        answers = (
            answer
            for module, ids in listed.items()
            for part in in_parts(ids, BATCH)
            for answer in self._deleted(module, part)
        )
        insist_on_removal("zoho", answers)

    def _deleted(self, module: str, ids: Sequence[str]) -> Iterator[object | None]:
        runs = "true" if "workflow" in self._options.trigger else "false"
        path = f"/{module}?ids={','.join(ids)}&wf_trigger={runs}"
        reply = self._client.write("DELETE", path, what=f"removal of {module}", json=None)
        rows = reply.rows()
        if len(rows) == len(ids):
            yield from (_against(row) for row in rows)
        else:
            yield reply.fault or Unknown(f"zoho: removal of {module} was not answered for each")


def _against(row: object) -> object | None:
    verdict = verdict_in(row)
    is_gone = isinstance(verdict, dict) or (isinstance(verdict, Fault) and verdict.gone)
    return None if is_gone else verdict
