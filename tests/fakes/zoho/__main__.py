"""The fake as a process of its own; see the package's docstring."""

from tests.fakes.process import arguments, serve
from tests.fakes.zoho.fake import FakeZoho
from tests.fakes.zoho.options import NO_LIMITS, Limits, Options


def main() -> None:
    parser = arguments("zoho", "--owners")
    parser.add_argument("--limits", action="store_true", help="100,000 credits a day, ten calls at a time")
    parser.add_argument("--task-fields", choices=("unique", "plain", "none"), default="unique")
    parser.add_argument("--read-lag", type=float, default=0.0, help="seconds")
    given = parser.parse_args()
    limits = Limits() if given.limits else NO_LIMITS
    serve(
        FakeZoho(
            Options(
                owners=given.owners,
                limits=limits,
                task_fields=given.task_fields,
                read_lag=given.read_lag,
                port=given.port,
            )
        )
    )


main()
