"""The fake as a process of its own."""

from tests.fakes.process import arguments, serve
from tests.fakes.streak.service import FakeStreak


def main() -> None:
    parser = arguments("streak")
    parser.add_argument("--limits", action="store_true", help="twenty calls a second")
    parser.add_argument("--list-lag", type=float, default=0.0, help="seconds until a box is listed and found")
    given = parser.parse_args()
    burst = 20 if given.limits else None
    lag = given.list_lag
    serve(FakeStreak(users=given.users, lag=lag, list_lag=lag, burst=burst, port=given.port, real_clock=True))


main()
