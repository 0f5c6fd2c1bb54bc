"""The imap source's ways in: by password, by access token, and over a line that is not listened in on."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from connectors.sources.imap import Options
from syncd.connector import AuthFailed, ConfigError, Retryable
from tests.connectors.imap_world import Read, Server, deliver, senders
from tests.fakes.imap import USER, FakeImap
from tests.fakes.imap.dovecot import Dovecot, needs_dovecot
from tests.fakes.tokens import FakeTokens

PLAIN = {"host": "127.0.0.1", "user": USER, "password": "app-password"}


@pytest.fixture
def read() -> Iterator[Read]:
    with Read() as read:
        yield read


@pytest.fixture
def tokens() -> Iterator[FakeTokens]:
    with FakeTokens(USER) as tokens:
        yield tokens


def oauth(tokens: FakeTokens, **more: str) -> dict[str, Any]:
    app = tokens.app
    return {
        "provider": "google",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": app.refresh_token,
        "token_url": tokens.token_url,
        **more,
    }


@pytest.fixture(params=["fake", pytest.param("dovecot", marks=needs_dovecot)])
def server(request: pytest.FixtureRequest, tokens: FakeTokens) -> Iterator[Server]:
    if request.param == "fake":
        with FakeImap() as fake:
            fake.manners.tokens = tokens.app.good
            yield fake
        return
    with TemporaryDirectory() as folder:
        dovecot = Dovecot(Path(folder), tokens.url)
        yield dovecot
        dovecot.stop()


def test_an_access_token_opens_the_mailbox_and_is_renewed_when_it_was_withdrawn(
    server: Server, tokens: FakeTokens, read: Read, tmp_path: Path
) -> None:
    deliver(server, 1)
    mailbox = read(server, tmp_path, oauth=oauth(tokens))
    first = mailbox.poll()
    mailbox.source.close()  # as if the line had broken

    tokens.withdraw()
    deliver(server, 2)
    second = mailbox.poll()

    assert (senders(first), senders(second)) == ([1], [2])
    assert [one["grant_type"] for one in tokens.asked] == ["refresh_token"] * 2


def test_an_owner_who_has_withdrawn_the_consent_is_told_without_a_secret(
    tokens: FakeTokens, read: Read, tmp_path: Path
) -> None:
    with FakeImap() as fake:
        mailbox = read(fake, tmp_path, oauth=oauth(tokens))
        tokens.app.refresh_token = "another"

        with pytest.raises(AuthFailed, match="invalid_grant") as raised:
            mailbox.poll()

    assert "canary" not in str(raised.value)


def test_a_token_that_the_mail_server_refuses_for_good_is_one_loud_line(
    tokens: FakeTokens, read: Read, tmp_path: Path
) -> None:
    with FakeImap() as fake:
        mailbox = read(fake, tmp_path, oauth=oauth(tokens))

        for _ in range(3):
            with pytest.raises(AuthFailed, match="AUTHENTICATIONFAILED") as raised:
                mailbox.poll()

    assert fake.commands["AUTHENTICATE"] == 2  # with the token there was, and with a new one
    assert "canary" not in str(raised.value)


def test_a_refresh_token_that_is_rotated_outlives_a_restart(tokens: FakeTokens, read: Read, tmp_path: Path) -> None:
    tokens.app.rotates = True
    said = oauth(tokens, provider="microsoft", tenant="acme.example")
    with FakeImap() as fake:
        fake.manners.tokens = tokens.app.good
        read(fake, tmp_path, oauth=said).poll()

        read(fake, tmp_path, oauth=said).poll()

    assert [one["refresh_token"] for one in tokens.asked] == ["refresh-canary-1", "refresh-canary-2"]
    assert tokens.asked[0]["scope"] == "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access"


def test_an_app_of_microsoft_365_may_log_in_as_itself(tokens: FakeTokens, read: Read, tmp_path: Path) -> None:
    said = {name: value for name, value in oauth(tokens, tenant="acme.example").items() if name != "refresh_token"}
    with FakeImap() as fake:
        fake.manners.tokens = tokens.app.good
        read(fake, tmp_path, oauth={**said, "provider": "microsoft"}).poll()

    assert (tokens.asked[0]["grant_type"], tokens.asked[0]["scope"]) == (
        "client_credentials",
        "https://outlook.office365.com/.default",
    )


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_mail_is_read_over_tls_from_a_server_whose_certificate_is_trusted(
    authority: trustme.CA, read: Read, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with FakeImap(tls(authority, "127.0.0.1")) as fake:
        deliver(fake, 1)
        mailbox = read(fake, tls="tls", ca_file=tmp_path / "ca.pem")
        found = mailbox.poll()
        mailbox.source.listen(0.05)
        deliver(fake, 2)

        assert senders(found) == [1]
        assert any(mailbox.source.listen(1) for _ in range(5))
        assert senders(mailbox.poll()) == [2]
        mailbox.source.close()


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("mail.example", True)])
def test_another_certificate_gets_no_password(
    authority: trustme.CA, read: Read, tmp_path: Path, name: str, trusted: bool
) -> None:
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(tmp_path / "ca.pem")
    with FakeImap(tls(authority, name)) as fake:
        with pytest.raises(Retryable, match="certificate is not trusted"):
            read(fake, tls="tls", ca_file=tmp_path / "ca.pem").poll()

        assert fake.commands["LOGIN"] == 0


def test_a_line_that_begins_in_the_clear_is_encrypted_before_the_login(
    authority: trustme.CA, read: Read, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with FakeImap(starttls=tls(authority, "127.0.0.1")) as fake:
        deliver(fake, 1)
        mailbox = read(fake, tls="starttls", ca_file=tmp_path / "ca.pem")

        assert senders(mailbox.poll()) == [1]
        assert fake.lines.index("STARTTLS") < fake.lines.index("LOGIN")
        mailbox.source.close()


def test_another_certificate_behind_starttls_gets_no_password(
    authority: trustme.CA, read: Read, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with FakeImap(starttls=tls(trustme.CA(), "127.0.0.1")) as fake:
        with pytest.raises(Retryable, match="certificate is not trusted"):
            read(fake, tls="starttls", ca_file=tmp_path / "ca.pem").poll()

        assert fake.commands["LOGIN"] == 0


def test_a_server_that_cannot_do_starttls_gets_no_password(read: Read) -> None:
    with FakeImap() as fake:
        with pytest.raises(Retryable):
            read(fake, tls="starttls").poll()

        assert fake.commands["LOGIN"] == 0


def test_certificates_that_cannot_be_read_are_a_mistake_in_the_config(read: Read, tmp_path: Path) -> None:
    with FakeImap() as fake, pytest.raises(ConfigError, match="ca_file"):
        read(fake, tls="tls", ca_file=tmp_path / "nowhere.pem").poll()


def test_a_server_that_is_not_there_is_asked_again_later(read: Read) -> None:
    with FakeImap() as fake:
        mailbox = read(fake)
    mailbox.source.options = mailbox.source.options.model_copy(update={"port": 1})

    with pytest.raises(Retryable, match="connecting to"):
        mailbox.poll()


def test_a_password_beyond_ascii_opens_the_mailbox(read: Read) -> None:
    with FakeImap() as fake:
        fake.manners.password = "pässwörd-canary"
        deliver(fake, 1)

        assert senders(read(fake, password="pässwörd-canary").poll()) == [1]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"password": None}, "password or oauth"),
        ({"move_to": "INBOX"}, "one of the folders"),
        ({"folders": ["A", "A"]}, "named twice"),
        ({"folders": []}, "folders"),
        ({"history": "yesterday"}, "history"),
        ({"every": 0}, "every"),
        ({"flag": "two words"}, "flag"),
        ({"oauth": {"provider": "google", "client_id": "a", "refresh_token": "b"}}, "password or oauth"),
        ({"password": None, "oauth": {"provider": "google", "client_id": "a"}}, "refresh_token"),
        ({"password": None, "oauth": {"provider": "microsoft", "client_id": "a", "refresh_token": "b"}}, "tenant"),
        ({"password": None, "oauth": {"provider": "microsoft", "client_id": "a", "tenant": "t"}}, "client_secret"),
    ],
)
def test_mistakes_in_the_config_are_told(said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Options.model_validate({**PLAIN, **said})
