"""The fake as a process of its own."""

from tests.fakes.pipedrive.service import FakePipedrive
from tests.fakes.process import arguments, serve


def main() -> None:
    parser = arguments("pipedrive")
    parser.add_argument("--limits", action="store_true", help="80 calls, and ten searches, in two seconds")
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds until the search shows what was made")
    given = parser.parse_args()
    burst, searches = (80, 10) if given.limits else (None, None)
    serve(
        FakePipedrive(
            users=given.users,
            lag=given.search_lag,
            burst=burst,
            searches=searches,
            port=given.port,
            real_clock=True,
        )
    )


main()
