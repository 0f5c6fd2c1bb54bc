"""What the pipeline must have, and making it. https://streak.readme.io/reference/create-a-field"""

from collections.abc import Iterator

from connectors.sinks.streak.client import V1, Client
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.wire import FIELDS
from syncd.connector import AuthFailed, FieldState, Finding, Refused, Wanted, choice_findings, field_findings

LINE = "TEXT_INPUT"
WRITABLE = frozenset({LINE, "DATE", "CHECKBOX", "DROPDOWN", "TAG"})


class Setup:
    def __init__(self, options: StreakOptions, client: Client, pipeline: Pipeline) -> None:
        self._options, self._client, self._pipeline = options, client, pipeline

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the key is not good for anything."""
        self._prove_login()
        self._pipeline.forget()
        try:
            self._pipeline.shape()
        except Refused as error:
            remedy = "name a pipeline that the user of the key can see, by its name or, better, by its key"
            return [Finding(f"pipeline {self._options.pipeline}", ok=False, detail=str(error), remedy=remedy)]
        findings = field_findings(self._wanted(), self._type, self._make if apply else None)
        self._pipeline.forget()
        return [*findings, *self._stages(), *self._team()]

    def described(self) -> dict[str, FieldState]:
        """All fields of boxes; the stages are a list of choices too."""
        shape, ours = self._pipeline.shape(), {wanted.name for wanted in self._wanted()}
        fields = {f"box field {name}": each.state(ours=name in ours) for name, each in shape.fields.items()}
        stages = FieldState("list of stages", ours=True, choices=tuple(sorted(shape.stages.values())))
        return {**fields, "stage": stages}

    def _prove_login(self) -> None:
        """The cheapest real call."""
        reply = self._client.ask(f"{V1}/users/me", what="read of the own user")
        if not reply.ok:
            raise AuthFailed(f"streak: read of the own user answered {reply.status}")

    def _wanted(self) -> Iterator[Wanted]:
        names = dict.fromkeys(name for name in {**FIELDS, **self._options.map}.values() if name)
        for name in names:
            yield Wanted(f"box field {name}", "box", name, LINE, works=WRITABLE, words="one that syncd can write")
        key = self._options.key_field
        yield Wanted(f"box field {key}", "box", key, LINE, works=frozenset({LINE}))

    def _type(self, wanted: Wanted) -> str:
        found = self._pipeline.field(wanted.name)
        return found.type if found else ""

    def _make(self, wanted: Wanted) -> str:
        path = f"{V1}/pipelines/{self._pipeline.shape().key}/fields"
        reply = self._client.put(path, {"name": wanted.name, "type": wanted.type}, what=f"making of the {wanted.what}")
        return "" if reply.ok else str(reply.fault)

    def _stages(self) -> Iterator[Finding]:
        named = (self._options.stage, *self._options.won, *self._options.lost, *self._options.qualified)
        given = {f"stage {name}": name for name in named if name}
        yield from choice_findings(given, list(self._pipeline.shape().stages.values()))

    def _team(self) -> Iterator[Finding]:
        try:
            self._pipeline.people.everyone()
        except Refused as error:
            yield Finding("team", ok=False, detail=str(error), remedy="share the pipeline with your team")
