"""The fake as a process of its own."""

from tests.fakes.copper.service import FakeCopper
from tests.fakes.process import arguments, serve


def main() -> None:
    parser = arguments("copper")
    parser.add_argument("--limits", action="store_true", help="180 calls a minute")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds until searches show what was made")
    parser.add_argument("--source", action="append", help="a name of a lead source, instead of the usual ones")
    given = parser.parse_args()
    most = 180 if given.limits else None
    sources = given.source or ("Website", "Referral")
    serve(FakeCopper(users=given.users, lag=given.lag, per_minute=most, port=given.port, real_clock=True,
                     sources=sources))  # fmt: skip


main()
