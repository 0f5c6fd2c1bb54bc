"""schemathesis holds the daemon to its own OpenAPI: valid and invalid requests, every answer as it is described."""

import contextlib
from collections.abc import Iterator

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.battery.hostile.daemon import Attacked

CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip

_MOST_ROUNDS = 20  # some operations have nothing that could be wrong, and make fewer cases than they are asked for


class Api:
    def __init__(self, daemon: Attacked) -> None:
        self.daemon, self.cases, self.operations = daemon, 0, 0
        daemon.shown()
        self.session = daemon.session
        document = self.session.get(f"{daemon.url}/openapi.json", timeout=60).json()
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.config.update(base_url=daemon.url)

    def run(self, number: int, count: int) -> Iterator[str]:
        """At least so many cases, about the same number for each operation; what is wrong."""
        operations = [found.ok() for found in self.schema.get_all_operations()]
        self.operations = len(operations)
        for again in range(_MOST_ROUNDS):
            each = max(1, (count - self.cases) // (2 * len(operations)))
            for operation in operations:
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    yield from self._try(operation, mode, number + again, each)
            if self.cases >= count:
                return
        yield f"only {self.cases} of {count} cases could be made"

    def _try(
        self, operation: schemathesis.APIOperation, mode: GenerationMode, number: int, count: int
    ) -> Iterator[str]:
        def check(case: Case) -> None:
            self.cases += 1
            case.call_and_validate(session=self.session, checks=CHECKS, timeout=60, allow_redirects=False)

        strategy = operation.as_strategy(generation_mode=mode)
        tried = settings(
            max_examples=count, deadline=None, database=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )(seed(number)(given(strategy)(check)))  # fmt: skip
        try:
            with contextlib.suppress(Unsatisfiable):  # some have nothing that could be wrong
                tried()
        except (Failure, FailureGroup) as error:
            yield f"{operation.label} {mode.name}: {error!s:.1500}"
