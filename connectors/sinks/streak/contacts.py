"""The team's contacts: one for each address, found or made in one call.

https://streak.readme.io/reference/create-a-contact - with `getIfExisting` the address is all that may be said
"""

from collections.abc import Iterator
from urllib.parse import quote

from connectors.sinks.streak.client import V2, Client, Row
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from syncd.connector import RecordOrder, Refusal, Refused, is_probe_address, list_in, objects_in

CONTACT = f"{V2}/contacts/"
NAMES = {"givenName": "first_name", "familyName": "last_name", "title": "job_title"}


class Contacts:
    def __init__(self, options: StreakOptions, client: Client, pipeline: Pipeline) -> None:
        self._options, self._client, self._pipeline = options, client, pipeline

    def ensure(self, order: RecordOrder) -> str | Refusal:
        """The key of the person's contact; empty where there is none to be. What people have written stays."""
        email = order.fields.get("email")
        if not self._options.contacts or not email:
            return ""
        path, body = f"{V2}/teams/{self._pipeline.shape().team}/contacts/", {"emailAddresses": [email]}
        reply = self._client.post(path, body, what="making of a contact", params={"getIfExisting": "true"})
        if not reply.ok:
            return reply.fault.refusal("contact")
        if not reply.key:
            return Refusal("streak: the contact was sent, and the answer does not name it")
        names = {theirs: order.fields[ours] for theirs, ours in NAMES.items() if order.fields.get(ours)}
        if names and not any(reply.row.get(theirs) for theirs in NAMES):
            self._client.post(f"{CONTACT}{reply.key}", names, what="naming of a contact")
        return reply.key

    def of_nobody(self, box: str) -> Iterator[str]:
        """Where the contacts of a box (its path) are that have no address but a probe's. Any other is the team's."""
        for one in objects_in(list_in(self._there(box), "contacts")):
            address = CONTACT + quote(str(one.get("key") or "-"), safe="")
            emails = list_in(self._there(address), "emailAddresses")
            if emails and all(is_probe_address(str(email)) for email in emails):
                yield address

    def _there(self, path: str) -> Row:
        """Empty for what is gone. Raises Refused for any other refusal."""
        reply = self._client.ask(path, what="read of what is to be removed")
        if not reply.ok and not reply.fault.gone:
            raise Refused(f"streak: read of what is to be removed refused: {reply.fault}")
        return reply.row
