"""The fake as a process of its own."""

from tests.fakes.close.service import FakeClose
from tests.fakes.process import arguments, serve


def main() -> None:
    parser = arguments("close")
    parser.add_argument("--limits", action="store_true", help="a hundred calls in five seconds")
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds until the search shows what was made")
    given = parser.parse_args()
    burst = 100 if given.limits else None
    serve(FakeClose(users=given.users, lag=given.search_lag, burst=burst, port=given.port, real_clock=True))


main()
