"""Folders elsewhere: an S3-compatible bucket and an SFTP server. What holds for both comes first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from paramiko import ECDSAKey, RSAKey
from pydantic import ValidationError

from connectors.sources.s3 import plugin as s3
from connectors.sources.sftp import plugin as sftp
from syncd.connector import AuthFailed, Drop, Fate, Page, RateLimited, Retryable, Submission
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, lent_tools
from tests.fakes.s3 import BUCKET, KEY, SECRET, FakeS3
from tests.fakes.sftp import HOST_KEY, PASSWORD, USER, FakeSftp
from tests.wire.test_workbooks import workbook

LEADS = "Name;E-Mail\nZoë;zoe@acme.example\nBob;bob@acme.example\n"


class Elsewhere:
    """A source with its folder somewhere else, and what a person could do there."""

    def __init__(self, plugin: Any, options: dict[str, Any]) -> None:
        self.clock, self.plugin, self.options = FakeClock(NOON), plugin, options
        self.source = self.built()

    def built(self, **more: Any) -> Drop:
        source: Drop = self.plugin.make(
            self.plugin.options.model_validate({**self.options, **more}), lent_tools("fair", self.clock)
        )
        return source

    def put(self, name: str, content: str | bytes = LEADS) -> None:
        raise NotImplementedError

    def names(self) -> list[str]:
        raise NotImplementedError

    def content(self, name: str) -> bytes:
        raise NotImplementedError

    def polled(self, source: Drop | None = None, cursor: str | None = None, *, settle: bool = True) -> list[Page]:
        self.clock.advance(seconds=10)
        pages = []
        for page in (source or self.source).pages(cursor):
            pages.append(page)
            if settle and page.settle:
                page.settle()
        return pages

    def read(self, source: Drop | None = None, *, settle: bool = True) -> list[Submission]:
        """After two looks."""
        self.polled(source, settle=settle)
        first = [] if (source or self.source).place.atomic else self.polled(source, settle=settle)
        return [one for page in first for one in page.submissions]


class S3(Elsewhere):
    def __init__(self, fake: FakeS3, **more: Any) -> None:
        self.fake = fake
        keys = {"access_key": KEY, "secret_key": SECRET, "endpoint": fake.url, "timeout": 2}
        super().__init__(s3, {"bucket": BUCKET, "folder": "in", **keys, **more})

    def put(self, name: str, content: str | bytes = LEADS) -> None:
        self.fake.put(f"in/{name}", content.encode() if isinstance(content, str) else content)

    def names(self) -> list[str]:
        return sorted(key.removeprefix("in/") for key in self.fake.objects)

    def content(self, name: str) -> bytes:
        return self.fake.objects[f"in/{name}"].content

    def read(self, source: Drop | None = None, *, settle: bool = True) -> list[Submission]:
        return [one for page in self.polled(source, settle=settle) for one in page.submissions]


class Sftp(Elsewhere):
    def __init__(self, fake: FakeSftp, **more: Any) -> None:
        self.fake = fake
        (fake.root / "in").mkdir(exist_ok=True)
        login = {"host": "127.0.0.1", "port": fake.port, "user": USER, "password": PASSWORD, "timeout": 2}
        super().__init__(sftp, {"folder": "in", "host_key": HOST_KEY.fingerprint, **login, **more})

    def put(self, name: str, content: str | bytes = LEADS) -> None:
        path = self.fake.root / "in" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def names(self) -> list[str]:
        folder = self.fake.root / "in"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def content(self, name: str) -> bytes:
        return (self.fake.root / "in" / name).read_bytes()


@pytest.fixture
def bucket() -> Iterator[FakeS3]:
    with FakeS3() as fake:
        yield fake


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeSftp]:
    with FakeSftp(tmp_path) as fake:
        yield fake


@pytest.fixture(params=["s3", "sftp"])
def place(request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    kind: Elsewhere = S3(request.getfixturevalue("bucket"))
    if request.param == "sftp":
        kind = Sftp(request.getfixturevalue("server"))
    yield kind
    kind.source.close()


def people(submissions: list[Submission]) -> list[str]:
    return [str(answer.value) for one in submissions for answer in one.answers if answer.id == "Name"]


def test_files_are_read_like_those_of_a_folder_here_and_put_away(place: Elsewhere) -> None:
    place.put("leads.csv")
    place.put("more.xlsx", workbook(["Name"], ["Eva"]))

    found = place.read()

    assert sorted(people(found)) == ["Bob", "Eva", "Zoë"]
    assert [name for name in place.names() if not name.endswith(".pending")] == ["done/leads.csv", "done/more.xlsx"]
    assert place.read() == []


def test_what_uploaders_have_not_finished_is_left_alone(place: Elsewhere) -> None:
    for name in ("a.csv.part", "b.csv.tmp", ".c.csv", "d.csv.lock", "e.pdf", "f.csv~"):
        place.put(name)

    assert place.read() == []
    assert len(place.names()) == 6


def test_nothing_is_put_away_before_the_commit(place: Elsewhere) -> None:
    place.put("leads.csv")

    first = place.read(settle=False)
    second = [one for page in place.polled() for one in page.submissions]

    assert [one.key for one in first] == [one.key for one in second]
    assert "done/leads.csv" in place.names()


def test_files_of_the_same_name_never_replace_each_other(place: Elsewhere) -> None:
    for name in ("Eva", "Bob"):
        place.put("leads.csv", f"Name\n{name}\n")
        place.read()

    assert place.content("done/leads.csv") == b"Name\nEva\n"
    assert place.content("done/leads-1.csv") == b"Name\nBob\n"


def test_file_that_came_in_its_place_meanwhile_is_read_the_next_time(place: Elsewhere) -> None:
    place.put("leads.csv")
    if not place.source.place.atomic:
        place.polled()
    place.clock.advance(seconds=10)
    pages = list(place.source.pages(None))
    place.put("leads.csv", "Name\nA new one\n")

    for page in pages:
        if page.settle:
            page.settle()

    assert "leads.csv" in place.names()
    assert people(place.read()) == ["A new one"]


def test_read_files_may_be_deleted(place: Elsewhere) -> None:
    source = place.built(after="delete")
    place.put("leads.csv")

    assert len(place.read(source)) == 2

    assert place.names() == []


def test_read_files_may_stay_and_are_known_by_the_cursor(place: Elsewhere) -> None:
    source = place.built(after="leave")
    place.put("leads.csv")
    place.polled(source)
    last = place.polled(source)[-1]

    assert last.settle is None
    assert place.polled(source, last.cursor) == []
    place.put("leads.csv", "Name\nA longer list\nof people\n")
    place.put("more.csv", "Name\nEva\n")
    place.polled(source, last.cursor)
    again = place.polled(source, last.cursor)
    assert sorted(people([one for page in again for one in page.submissions])) == ["A longer list", "Eva", "of people"]
    assert again[-1].cursor
    assert len(again[-1].cursor) < 60
    assert place.names() == ["leads.csv", "more.csv"]


def test_result_and_rejects_lie_beside_the_read_file(place: Elsewhere) -> None:
    place.put("leads.csv", "Name;E-Mail\nZoë;zoe@acme.example\nBob\n")
    found = place.read()
    fates = {
        one.key: Fate(n, "parked" if one.problem else "in the CRM", "" if one.problem else "L1", "", one.problem)
        for n, one in enumerate(found, 1)
    }
    place.clock.advance(minutes=1)

    for _ in range(2):
        place.source.report(lambda _source, keys: {key: fates[key] for key in keys})

    assert place.names() == ["done/leads.csv", "done/leads.rejects.csv", "done/leads.result.csv"]
    assert "2;in the CRM;L1" in place.content("done/leads.result.csv").decode("utf-8-sig")
    assert (
        place.content("done/leads.rejects.csv").decode("utf-8-sig").splitlines()[0]
        == "syncd row;syncd reason;Name;E-Mail"
    )


def test_file_beyond_the_limit_is_told_and_hinders_no_other(place: Elsewhere) -> None:
    source = place.built(largest=1)
    place.put("big.csv", b"Name\n" + b"x" * 2**20)
    place.put("leads.csv")
    if not source.place.atomic:
        place.polled(source)
    place.clock.advance(seconds=10)
    found: list[Submission] = []

    pages = source.pages(None)
    found += next(pages).submissions
    with pytest.raises(Retryable, match="larger than 1 MiB"):
        next(pages)

    assert people(found) == ["Zoë", "Bob"]


def test_check_says_what_is_wrong(place: Elsewhere) -> None:
    assert [finding.ok for finding in place.source.check()] == [True]

    (finding,) = place.built(folder="nowhere", **({"bucket": "another"} if place.plugin is s3 else {})).check()

    assert not finding.ok
    assert finding.remedy


@pytest.mark.parametrize(
    ("plugin", "options"),
    [(s3, {"bucket": "leads"}), (sftp, {"host": "h", "user": "u", "password": "p", "host_key": "SHA256:x"})],
)
def test_missing_extra_is_told_with_the_command_that_helps(plugin: Any, options: dict[str, Any]) -> None:
    assert plugin.options.needs in ("boto3", "paramiko")
    less = type("Less", (plugin.options,), {"needs": "nothing_of_the_kind"})

    with pytest.raises(ValidationError, match=r"nothing_of_the_kind is not installed: pip install 'syncd\[s(3|ftp)\]'"):
        less.model_validate(options)


class TestS3Contract(ServerTrouble, PolledSourceContract):
    plugin = s3
    secrets = (SECRET, KEY)

    @pytest.fixture
    def source(self, bucket: FakeS3) -> Drop:
        self.fake = bucket
        place = S3(bucket, after="leave")
        for name in ("a.csv", "b.csv"):
            place.put(name, "Name,Created At\n" + "".join(f"{name} {n},2026-03-01T10:{n:02}:00Z\n" for n in range(30)))
        return place.source

    def test_oldest_come_first(self, source: Any) -> None:
        assert people(self.fetched(source)[0])[0] == "a.csv 0"


class TestSftpContract(PolledSourceContract):
    plugin = sftp
    secrets = (PASSWORD,)

    @pytest.fixture
    def source(self, server: FakeSftp) -> Drop:
        self.server, place = server, Sftp(server, after="leave")
        self.clock = place.clock
        for name in ("a.csv", "b.csv"):
            place.put(name, "Name\n" + "".join(f"{name} {n}\n" for n in range(30)))
        return place.source

    def let_time_pass(self, time: timedelta) -> None:
        self.clock.advance(seconds=time.total_seconds())

    def refuse_login(self) -> None:
        self.server.refusing = True

    def fall_silent(self) -> None:
        self.server.hung.set()

    def mend(self) -> None:
        self.server.refusing = False


# S3 alone


def test_listing_goes_on_page_after_page() -> None:
    with FakeS3(page_size=2) as fake:
        place = S3(fake)
        for name in "abcde":
            place.put(f"{name} ü+&.csv", f"Name\n{name}\n")

        assert people(place.read()) == list("abcde")


def test_object_that_changes_between_listing_and_reading_is_left_for_the_next_poll(bucket: FakeS3) -> None:
    place = S3(bucket)
    place.put("leads.csv")
    seen = next(iter(place.source.place.seen()))
    place.put("leads.csv", "Name\nEva\n")

    with pytest.raises(FileNotFoundError), place.source.place.opened(seen):
        pass


def test_answer_that_breaks_off_is_no_file(bucket: FakeS3) -> None:
    place = S3(bucket)
    place.put("leads.csv", "Name\n" + "Eva\n" * 10_000)
    bucket.order_fault("half_body", "GET", "*/in/leads.csv")

    with pytest.raises(Retryable):
        place.read()

    assert len(place.read()) == 10_000


def test_every_call_is_made_once(bucket: FakeS3) -> None:
    place = S3(bucket)
    bucket.order_fault("server_error", status=500, count=None)

    with pytest.raises(Retryable):
        place.read()

    assert sum(bucket.calls.values()) == 1


def test_lost_answer_while_a_file_is_put_away_loses_and_doubles_nothing(bucket: FakeS3) -> None:
    place = S3(bucket)
    for fault in ("commit_then_drop", "drop_before_commit"):
        for method in ("PUT", "DELETE", "HEAD"):
            place.put("leads.csv", f"Name\n{fault} {method}\n")
            bucket.order_fault(fault, method)
            with pytest.raises(Retryable):
                place.read()
            bucket.clear_faults()

            place.read()

            assert not [name for name in place.names() if not name.startswith("done/")]
            there = [bucket.objects[key].content for key in bucket.objects]
            assert f"Name\n{fault} {method}\n".encode() in there


def test_wrong_secret_is_a_refused_login(bucket: FakeS3) -> None:
    with pytest.raises(AuthFailed, match="SignatureDoesNotMatch"):
        S3(bucket, secret_key="another").read()


def test_bucket_that_is_not_there_is_told(bucket: FakeS3) -> None:
    with pytest.raises(Retryable, match="NoSuchBucket"):
        S3(bucket, bucket="another").read()


def test_pause_is_asked_for(bucket: FakeS3) -> None:
    bucket.order_fault("too_many")

    with pytest.raises(RateLimited, match="SlowDown"):
        S3(bucket).read()


# SFTP alone


def test_server_with_another_key_is_never_told_the_password(server: FakeSftp) -> None:
    other = RSAKey.generate(2048)

    with pytest.raises(AuthFailed, match="key is another one"):
        Sftp(server, host_key=other.fingerprint).read()

    assert server.logins == 0


def test_known_hosts_may_name_the_key_of_the_server(server: FakeSftp, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} ssh-rsa {HOST_KEY.get_base64()}\n", "utf-8")
    place = Sftp(server, host_key="", known_hosts=known)
    place.put("leads.csv")

    assert len(place.read()) == 2

    known.write_text(f"[127.0.0.1]:{server.port} ssh-rsa {RSAKey.generate(2048).get_base64()}\n", "utf-8")
    with pytest.raises(AuthFailed, match="key is another one"):
        place.read()


def test_a_key_logs_in_without_a_password(tmp_path: Path) -> None:
    key, file = ECDSAKey.generate(), tmp_path / "key"
    key.write_private_key_file(str(file), password="long passphrase")
    with FakeSftp(tmp_path, key=key) as server:
        place = Sftp(server, password=None, key_file=file, passphrase="long passphrase")
        place.put("leads.csv")

        assert len(place.read()) == 2

        with pytest.raises(AuthFailed):
            Sftp(server, password=None, key_file=file).read()


def test_file_that_grows_is_read_once_it_is_quiet(server: FakeSftp) -> None:
    place = Sftp(server)
    for lines in range(1, 4):
        place.put("leads.csv", "Name\n" + "Eva\n" * lines)
        assert place.polled() == []

    assert len(place.polled()[0].submissions) == 3


def test_links_are_never_followed(server: FakeSftp) -> None:
    place = Sftp(server)
    secret = server.root / "secret.csv"
    secret.write_text(LEADS, "utf-8")
    (server.root / "in/link.csv").symlink_to(secret)

    assert place.read() == []


def test_connection_ends_after_each_poll_and_comes_back(server: FakeSftp) -> None:
    place = Sftp(server)
    place.put("leads.csv")
    place.read()
    server.cut()

    place.put("more.csv", "Name\nEva\n")

    assert people(place.read()) == ["Eva"]
    assert server.logins == 4


def test_connection_that_is_cut_in_the_middle_loses_nothing(server: FakeSftp) -> None:
    place = Sftp(server)
    place.put("leads.csv")
    place.polled()
    server.struck = lambda what, _path: server.cut() if what == "open" else None

    with pytest.raises(Retryable):
        place.polled()

    server.struck = lambda _what, _path: None
    assert len(place.polled()[0].submissions) == 2


def test_server_without_extensions_of_openssh_will_do(tmp_path: Path) -> None:
    with FakeSftp(tmp_path, openssh=False) as server:
        place = Sftp(server)
        folder = place.source.place
        place.put("leads.csv")
        place.read()

        for content in (b"one", b"two"):
            (tmp_path / "piece").write_bytes(content)
            with (tmp_path / "piece").open("rb") as file:
                folder.write("leads.result.csv", file)

        assert place.content("done/leads.result.csv") == b"two"


@pytest.mark.parametrize(
    ("plugin", "options"),
    [
        (sftp, {"host": "h", "user": "u", "host_key": "SHA256:x"}),
        (sftp, {"host": "h", "user": "u", "password": "p"}),
        (sftp, {"host": "h", "user": "u", "password": "p", "host_key": "SHA256:x", "done": "."}),
        (s3, {"bucket": "leads", "access_key": "only"}),
        (s3, {"bucket": "leads", "done": "/"}),
        (s3, {"bucket": "leads", "after": "burn"}),
    ],
)
def test_options_that_cannot_work_are_refused(plugin: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plugin.options.model_validate(options)


def test_file_at_the_server_that_may_not_be_read_is_told(server: FakeSftp) -> None:
    place = Sftp(server)
    place.put("leads.csv")
    place.polled()
    server.struck = lambda what, _path: 3 if what == "open" else None  # SSH_FX_PERMISSION_DENIED

    with pytest.raises(Retryable, match=r"a file cannot be read \(Permission denied"):
        place.polled()
