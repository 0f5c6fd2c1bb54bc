"""The daemon under attack, as a process of its own, and what it has told when it is over."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import requests

from tests.battery.canaries import Canaries, secret
from tests.battery.hostile.judge import failed_requests, wrong_in_log
from tests.battery.hostile.target import CONFIG
from tests.e2e.processes import Process, until


class Attacked:
    """`web` goes into the section of that name: `connections: 100, trusted_proxies: [192.0.2.1]`."""

    def __init__(self, folder: Path, web: str = "", log: str = "debug") -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        (folder / "inbox").mkdir(exist_ok=True)
        text = CONFIG.replace("@web@", web).replace(", }", "}").replace("level: debug", f"level: {log}")
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)
        self.canaries = Canaries(str(folder))
        self.process = Process("syncd", "run", "-c", str(self.config), cwd=folder)
        self.url = self.process.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
        self.session = requests.Session()
        self.port = int(self.url.rpartition(":")[2])
        self.shown()  # logs in now: whoever guesses tokens from this address later makes it wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            self.process.stop()

    @property
    def pid(self) -> int:
        return self.process.process.pid

    def metrics(self) -> str:
        return requests.get(f"{self.url}/metrics", timeout=60).text

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * 4096

    def verdict(self) -> Iterator[str]:
        """What is wrong when the attack is over: it must live, tell nothing, lose nothing, and stop well."""
        yield from self._told()
        code = self.process.stop()
        if code != 0:
            yield f"the daemon ended with {code}"
        yield from wrong_in_log(self.process.lines, self.canaries)
        yield from self._proved()

    def _told(self) -> Iterator[str]:
        metrics = self.metrics()
        yield from map(str, self.canaries.found([("metrics", metrics)]))
        if failed := failed_requests(metrics):
            yield f"{failed} requests ended in a bug"
        for path in ("/healthz", "/readyz"):
            reply = requests.get(self.url + path, timeout=60)
            yield from map(str, self.canaries.told(path, reply.text))
            if reply.status_code != 200:
                yield f"{path} says {reply.status_code} {reply.text[:300]}"

    def _proved(self) -> Iterator[str]:
        """The store says what became of all that was answered 200."""
        for words in (("prove",), ("parked", "--json")):
            said = self.command(*words)
            if words[0] == "prove" and said.code != 0:
                yield f"prove ended with {said.code}: {' '.join(said.lines)[-500:]}"
            yield from map(str, self.canaries.found([(" ".join(words), "\n".join(said.lines))]))

    def command(self, *words: str) -> "Command":
        return Command(self, *words)

    def settle(self, seconds: float = 600) -> None:
        """Until all that was taken in has been planned."""
        until(lambda: not self.shown()["waiting"], "an empty inbox", seconds)

    def shown(self) -> Mapping[str, Any]:
        """What the console shows to who has logged in."""
        if not self.session.cookies:
            form = {"token": secret("console")}
            self.session.post(f"{self.url}/login", form, timeout=60, allow_redirects=False).raise_for_status()
        return self.session.get(f"{self.url}/api/leads", timeout=60).json()  # type: ignore[no-any-return]


class Command:
    def __init__(self, daemon: Attacked, *words: str) -> None:
        self.process = Process("syncd", *words, "-c", str(daemon.config), cwd=daemon.folder)
        self.process.process.wait(300)
        self.process._reader.join(10)
        self.lines = self.process.lines

    @property
    def code(self) -> int:
        return int(self.process.process.returncode)
