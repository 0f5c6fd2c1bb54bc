"""The fake as a process of its own; see the package's docstring."""

from tests.fakes.dynamics.fake import FakeDynamics
from tests.fakes.dynamics.options import Options
from tests.fakes.process import arguments, serve


def main() -> None:
    parser = arguments("dynamics")
    parser.add_argument("--limits", action="store_true", help="6,000 requests in five minutes, 52 at a time")
    parser.add_argument("--prepared", action="store_true", help="with the columns and keys that syncd makes")
    given = parser.parse_args()
    serve(FakeDynamics(Options(users=given.users, limits=given.limits, prepared=given.prepared, port=given.port)))


main()
