"""A folder of an SFTP server. https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02"""

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self

from syncd.connector import (
    About,
    Field,
    Plugin,
    RemoteDropOptions,
    SecretStr,
    Tools,
    insist_on_extra,
    model_validator,
)


class Options(RemoteDropOptions):
    needs: ClassVar[str] = "paramiko"

    host: str = Field(min_length=1, description="name or address of the server")
    port: int = Field(22, ge=1, le=65535, description="its port")
    user: str = Field(min_length=1, description="who logs in")
    password: SecretStr | None = Field(None, description="password, where there is no key")
    key_file: Path | None = Field(None, description="file with the private key, in the format of OpenSSH or PEM")
    passphrase: SecretStr | None = Field(None, description="of the private key")
    host_key: str = Field("", description="fingerprint of the server's key, as ssh-keygen -lf shows it: SHA256:...")
    known_hosts: Path | None = Field(None, description="file with the server's key, instead of host_key")
    folder: str = Field(".", min_length=1, description="where the files are put")
    done: str = Field("done", min_length=1, description="where read files go; relative: inside the folder")

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        insist_on_extra(self.needs, "sftp")
        if not (self.password or self.key_file):
            raise ValueError("give password or key_file")
        if not (self.host_key or self.known_hosts):
            raise ValueError("give host_key or known_hosts: without it anybody could be the server")
        if self.after == "move" and self.done.strip("/") in ("", "."):
            raise ValueError("done must be another folder, or files would be read for ever")
        return self


def _make(options: Options, tools: Tools) -> Any:
    return import_module("connectors.sources.sftp.folder").make(options, tools)


plugin = Plugin(
    Options,
    _make,
    About(
        "SFTP servers",
        setup=(
            "`pip install 'syncd[sftp]'`.",
            "Have a user on the server who may read the folder and write below it, by key or by password.",
            "`ssh-keyscan sftp.example.com | ssh-keygen -lf -` shows `host_key`: compare it with what its owner says.",
        ),
        missed="Every row of every file, however late it comes.",
        tested="An SSH server in the tests, with and without the extensions of OpenSSH; OpenSSH 9.2 by hand.",
        notes=(
            "A file is read once it has kept its size and time for `quiet` seconds; .part and .tmp are left.",
            "Read files are moved to `done` after the commit, with result and rejects beside them.",
        ),
        example={
            "host": "sftp.example.com", "user": "acme", "key_file": "/etc/syncd/fair_key", "host_key": "SHA256:...",
            "folder": "export",
        },
    ),
)  # fmt: skip
