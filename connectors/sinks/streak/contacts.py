"""The team's contacts: one for each address, found or made in one call.

https://streak.readme.io/reference/create-a-contact - with `getIfExisting` the address is all that may be said
"""

from connectors.sinks.streak.client import V2, Client
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from syncd.connector import RecordOrder, Refusal

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
            self._client.post(f"{V2}/contacts/{reply.key}", names, what="naming of a contact")
        return reply.key
