"""What people do with the store: explain, replay, retry, restore. The CLI and the console call the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.cleaning.emails import clean_email
from syncd.core.decide import Surroundings, decide
from syncd.core.decision import Decision
from syncd.core.draft import Draft
from syncd.core.identity import match_person
from syncd.core.playbook import Playbook
from syncd.core.read import read
from syncd.errors import Rejected
from syncd.model import Submission
from syncd.store.reports import Story
from syncd.store.store import Store


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would happen with a submission, and why; nothing can be said of one whose answers are still to be fetched.

    Nothing has been kept or sent.
    """

    draft: Draft | None
    decision: Decision | None
    problem: str = ""  # why it would be parked


class Operations:
    """Works on an open store; needs neither connectors nor a daemon."""

    def __init__(self, store: Store, playbook: Playbook) -> None:
        self.store, self.playbook = store, playbook

    def explain(self, submission: Submission, record_sink: str) -> Explanation:
        """Decide as the planner would, beside the leads of the store, without asking any CRM."""
        if submission.announced:
            return Explanation(None, None)
        try:
            draft = read(submission, self.playbook)
        except Rejected as error:
            return Explanation(None, None, str(error))
        session = self.store.planning.preview([key.text for key in draft.keys], record_sink=record_sink)
        match = match_person(draft, session.leads, session.holders)
        around = Surroundings(self.playbook, session.pools, self.store.database.now(), record_sink)
        return Explanation(draft, decide(draft, match, around))

    def find_story(self, who: str) -> list[Story]:
        """The stories of a lead id, or of everybody with this e-mail address, oldest first."""
        if story := self.store.reports.story(who):
            return [story]
        email = clean_email(who)
        ids = self.store.reports.find_lead([f"e:{email.key}"]) if email else []
        return [story for lead_id in ids if (story := self.store.reports.story(lead_id))]

    def retry(self, ids: Sequence[str]) -> int:
        """Send parked things again; ids as `parked` shows them. How many there were.

        Raises Rejected for an id of another shape.
        """
        arrivals, orders = _split(ids)
        return self.store.inbox.wake(arrivals) + self.store.orders.retry(orders)

    def settle(self, order: int, ref: str) -> None:
        """A person has looked in the CRM: what this order was to make is there as `ref`, or, with "", it is not.

        Raises Rejected for what is neither parked nor in doubt, or when another order has made `ref`.
        """
        if ref:
            self.store.doubts.there(order, ref)
        else:
            self.store.doubts.absent(order)

    def restore(self, numbers: Sequence[int]) -> int:
        """Somebody has looked: these quarantined submissions are no junk. How many there were."""
        return self.store.inbox.wake(numbers, trusted=True)

    def replay(self, number: int) -> str:
        """Read one submission again with the mapping of today; what became of it, in a word.

        Marks derive from the submission, so nothing is made twice: a lead that exists is brought up to date.
        Raises Rejected when there is no such submission, or when it still cannot be read.
        """
        kept = self.store.inbox.read(number)
        if kept is None:
            raise Rejected(f"there is no submission {number}")
        if not kept.lead_id:
            self.store.inbox.wake([number])
            return "planned again"
        draft = read(kept.submission, self.playbook, trusted=True)
        lead = self.store.leads.read(kept.lead_id)
        newer = lead is not None and lead.interactions > 1  # then its question may be a newer one
        fields = {k: v for k, v in draft.fields.items() if not (newer and k in ("message", "subject"))}
        changed = self.store.leads.refresh(kept.lead_id, fields, number)
        return f"{len(changed)} fields brought up to date" if changed else "nothing changed"


def _split(ids: Sequence[str]) -> tuple[list[int], list[int]]:
    found: dict[str, list[int]] = {"s": [], "o": []}
    for text in ids:
        if text[:1] not in found or not text[1:].isdigit():
            raise Rejected(f"{text!r} is no id of something parked: `syncd parked` shows them, as s12 or o7")
        found[text[0]].append(int(text[1:]))
    return found["s"], found["o"]
