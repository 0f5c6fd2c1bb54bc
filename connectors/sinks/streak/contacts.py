"""The team's contacts: one for each address, found or made in one call.

https://github.com/StreakYC/streak-client-cli (openapi0.json, createContact) - with `getIfExisting` a contact that is
there comes back as it is, and one that is not is made with all that is said
https://streak.readme.io/reference/create-a-contact - this older page lets no more than the address be said with it
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.sinks.streak.client import V2, Client, Reply, Row
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from syncd.connector import RecordOrder, Refusal, Refused, is_probe_address, list_in, objects_in

CONTACT = f"{V2}/contacts/"
NAMES = {"givenName": "first_name", "familyName": "last_name", "title": "job_title"}


class Contacts:
    def __init__(self, options: StreakOptions, client: Client, pipeline: Pipeline) -> None:
        self._options, self._client, self._pipeline = options, client, pipeline
        self._says_names = True  # until Streak refuses them beside an address that it takes alone

    def ensure(self, order: RecordOrder) -> str | Refusal:
        """The key of the person's contact; empty where there is none to be. What people have written stays."""
        email = order.fields.get("email")
        if not self._options.contacts or not email:
            return ""
        names = {theirs: order.fields[ours] for theirs, ours in NAMES.items() if order.fields.get(ours)}
        reply = self._made(email, names)
        if not reply.ok:
            return reply.fault.refusal("contact")
        if not reply.key:
            return Refusal("streak: the contact was sent, and the answer does not name it")
        if names and not any(reply.row.get(theirs) for theirs in NAMES):
            self._client.post(f"{CONTACT}{reply.key}", names, what="naming of a contact")
        return reply.key

    def _made(self, email: str, names: Mapping[str, str]) -> Reply:
        path, body = f"{V2}/teams/{self._pipeline.shape().team}/contacts/", {"emailAddresses": [email]}

        def send(said: Mapping[str, Any]) -> Reply:
            return self._client.post(path, said, what="making of a contact", params={"getIfExisting": "true"})

        if not (names and self._says_names):
            return send(body)
        reply = send({**body, **names})
        if not reply.ok and (bare := send(body)).ok:
            self._says_names, reply = False, bare
        return reply

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
