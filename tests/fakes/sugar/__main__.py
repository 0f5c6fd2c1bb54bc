"""The fake as a process of its own; see the package's docstring."""

from tests.fakes.process import arguments, serve
from tests.fakes.sugar.fake import FakeSugar
from tests.fakes.sugar.options import Options


def main() -> None:
    given = arguments("sugar").parse_args()
    serve(FakeSugar(Options(users=given.users, port=given.port)))


main()
