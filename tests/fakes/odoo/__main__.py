"""The fake as a process of its own."""

from tests.fakes.odoo.service import FakeOdoo
from tests.fakes.process import arguments, serve


def main() -> None:
    given = arguments("odoo").parse_args()
    serve(FakeOdoo(users=given.users, port=given.port, real_clock=True))


main()
