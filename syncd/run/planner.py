"""From the inbox to decisions: claim, read (pure), match (store, then CRM), decide (pure), save."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from syncd import log
from syncd.core.decide import Surroundings, decide
from syncd.core.decision import Decision
from syncd.core.draft import Draft
from syncd.core.identity import match_person
from syncd.core.playbook import Playbook
from syncd.core.read import read
from syncd.errors import Rejected, StoreBusy, StoreError
from syncd.model import Known, LeadKeys
from syncd.run.heartbeat import Heartbeat
from syncd.run.lookup import Answers, Lookup
from syncd.run.loop import asked_to_stop
from syncd.run.metrics import Metrics
from syncd.store.inbox import CLAIMED_BYTES, Inbox
from syncd.store.inbox_rows import Kept
from syncd.store.planning import Planning, Session

CLAIM = 100  # one look-up of the CRM
UNIT = 50  # one transaction
TRIES = 5
_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Thought:
    """A draft with what the CRM said of it."""

    kept: Kept
    draft: Draft
    known: Known | None
    asked: bool


class Planner:
    """`playbook` is called anew for each batch, so a reload takes effect between two."""

    def __init__(
        self,
        inbox: Inbox,
        planning: Planning,
        lookup: Callable[[], Lookup],
        playbook: Callable[[], Playbook],
        heartbeat: Heartbeat,
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        self.inbox, self.planning, self.lookup, self.playbook = inbox, planning, lookup, playbook
        self.heartbeat, self.metrics, self.wake = heartbeat, metrics, wake
        self._log = log.get("planner")

    def turn(self) -> bool:
        """Plan what is due; True when there may be more."""
        token, claimed = self.inbox.claim(CLAIM)
        self._plan(token, claimed)
        alone, frail = self.inbox.claim_frail()
        self._plan(alone, frail)
        full = len(claimed) == CLAIM or _size(claimed) > CLAIMED_BYTES // 2  # the next one may not have fitted in
        return full or bool(frail)

    def _plan(self, token: str, claimed: Sequence[Kept]) -> None:
        ids = [kept.id for kept in claimed]
        if not ids:
            return
        try:
            with self.heartbeat.keep(lambda: self.inbox.renew(token, ids)):
                whole = self._plan_units(token, claimed)
        except (StoreBusy, StoreError):
            with contextlib.suppress(StoreBusy, StoreError):
                self.inbox.release(token, ids, _SOON, tried=False)
            raise
        if not whole:
            self.inbox.release(token, ids, timedelta(0), tried=False)

    def _plan_units(self, token: str, claimed: Sequence[Kept]) -> bool:
        """False when the daemon is to end before all of it is planned."""
        thoughts = self._match_all(token, self._read_all(token, claimed))
        for start in range(0, len(thoughts), UNIT):
            if asked_to_stop():
                return False
            self._save(token, thoughts[start : start + UNIT])
            if len(claimed) < CLAIM or start + UNIT >= len(
                thoughts
            ):  # in a backlog once: whole batches cost fewer calls
                self.wake()
        return True

    def _read_all(self, token: str, claimed: Sequence[Kept]) -> list[tuple[Kept, Draft]]:
        playbook, drafts = self.playbook(), []
        for kept in claimed:
            try:
                drafts.append((kept, read(kept.submission, playbook, trusted=kept.trusted)))
            except Rejected as error:
                self._park(token, kept, str(error))
            except (StoreBusy, StoreError):
                raise
            except Exception as error:  # noqa: BLE001 - one unreadable row must not hold the others up
                self._later(token, kept, error)
        return drafts

    def _match_all(self, token: str, drafts: Sequence[tuple[Kept, Draft]]) -> list[Thought]:
        """All together; if one makes it fail, each alone."""
        try:
            return self._match(drafts)
        except (StoreBusy, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - as in `_save`
            if len(drafts) == 1:
                self._later(token, drafts[0][0], error)
                return []
            self._log.warning("batch not matched together, each alone", size=len(drafts), exc_info=error)
            return [thought for draft in drafts for thought in self._match_all(token, [draft])]

    def _match(self, drafts: Sequence[tuple[Kept, Draft]]) -> list[Thought]:
        """The store first, for what it knows of where they live; then the CRM, once for all."""
        lookup = self.lookup()
        keys = [_lead_keys(draft) for _, draft in drafts]
        if lookup.line is not None and drafts:
            session = self.planning.preview(
                [key.text for _, draft in drafts for key in draft.keys], record_sink=lookup.line.name
            )
            keys = [self._with_ref(draft, key, session) for (_, draft), key in zip(drafts, keys, strict=True)]
        answers: Answers = lookup.ask(keys)
        if answers.reason:
            self._log.info("decided without the CRM", reason=answers.reason, count=len(drafts))
        return [
            Thought(kept, draft, known, answers.asked)
            for (kept, draft), known in zip(drafts, answers.known, strict=True)
        ]

    def _with_ref(self, draft: Draft, keys: LeadKeys, session: Session) -> LeadKeys:
        match = match_person(draft, session.leads, session.holders)
        ref = session.records.get(match.lead.id) if match.lead else None
        if ref is None:
            return keys
        return LeadKeys(keys.lead, keys.emails, keys.phone, ref, keys.company_domain)

    def _save(self, token: str, unit: Sequence[Thought]) -> None:
        """All together; if one makes it fail, each alone, and only that one is set aside."""
        try:
            self._save_together(token, unit)
        except (StoreBusy, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug costs one submission a delay, never the batch
            if len(unit) == 1:
                self._later(token, unit[0].kept, error)
                return
            self._log.warning("batch not saved together, each alone", size=len(unit), exc_info=error)
            for thought in unit:
                self._save(token, [thought])

    def _save_together(self, token: str, unit: Sequence[Thought]) -> None:
        line = self.lookup().line
        sink = line.name if line else ""
        keys = [key.text for thought in unit for key in thought.draft.keys]
        refs = [thought.known.ref.id for thought in unit if thought.known]
        ids = [thought.kept.id for thought in unit]

        def decide_all(session: Session) -> None:
            for thought in unit:
                if thought.kept.id in session.held:
                    session.take(thought.kept.id, self.think(thought, session, sink))

        saved = self.planning.save(token, ids, keys, refs, sink, decide_all)
        source_of = {thought.kept.id: thought.draft.source for thought in unit}
        for number, decision in saved.taken:
            self.metrics.planned.labels(decision.verdict.value).inc()
            for signal, points in decision.story["junk"]["signals"]:
                if points > 0:
                    self.metrics.junk.labels(source_of[number], signal).inc()

    def think(self, thought: Thought, session: Session, sink: str) -> Decision:
        """Match and decide one draft within a session; pure but for the clock."""
        linked = session.linked(thought.known.ref.id) if thought.known else None
        match = match_person(thought.draft, session.leads, session.holders, linked)
        around = Surroundings(
            playbook=self.playbook(),
            pools=session.pools,
            now=self.inbox.database.now(),
            record_sink=sink,
            known=thought.known,
            asked=thought.asked,
            recent=session.recent.get(match.lead.id, 0) if match.lead else 0,
            backfill=thought.kept.submission.content_type == "text/csv",
        )
        return decide(thought.draft, match, around)

    def _later(self, token: str, kept: Kept, error: Exception) -> None:
        """A bug: some more tries, then a person has to look."""
        if kept.attempts >= TRIES:
            self._park(token, kept, f"planning failed {kept.attempts} times: {type(error).__name__}")
            return
        self._log.error("planning failed", submission=kept.id, attempt=kept.attempts, exc_info=error)
        self.inbox.release(token, [kept.id], timedelta(seconds=5 * kept.attempts))

    def _park(self, token: str, kept: Kept, reason: str) -> None:
        if not self.inbox.park(token, kept.id, reason):
            return
        self.metrics.planned.labels("parked").inc()
        self._log.warning("submission parked", submission=kept.id, source=kept.submission.source)


def _size(claimed: Sequence[Kept]) -> int:
    return sum(len(kept.submission.raw) for kept in claimed)


def _lead_keys(draft: Draft) -> LeadKeys:
    return LeadKeys(
        lead="",
        emails=(draft.email.display,) if draft.email else (),
        phone=draft.phone.e164 if draft.phone else "",
        company_domain=draft.business_domain,
    )
