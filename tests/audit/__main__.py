"""`python -m tests.audit [LOCK ...]`: exit 0 without a known vulnerability, 1 with one, 3 when it could not look."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.audit.verdict import HELD, NOT_LOOKED, VIOLATED, Said, Verdict, locked, verdict
from tests.outside import NOT_CHECKED

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
LOCKS = (ROOT / "requirements.lock", HERE / "requirements.lock")
TOOLS = Path(sys.prefix) / "audit"
BAD = {"jinja2": "2.11.2"}
"""Known to be vulnerable since 2021. An answer that does not know it knows nothing."""


def main(words: list[str]) -> int:
    files = [Path(word) for word in words] or list(LOCKS)
    program = _installed()
    if program is None:
        return _told({"pip-audit": Verdict(unseen=["it could not be installed"])})
    found = {"a version known to be bad": _planted(program)}
    found |= {_place(file): _audited(program, file, hashed=True) for file in files}
    return _told(found)


def _place(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


def _planted(program: Path) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bad.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in BAD.items()), encoding="utf-8")
        seen = _audited(program, file, hashed=False)
    return Verdict(unseen=() if seen.vulnerable else seen.unseen or [f"nothing is known against {BAD}"])


def _audited(program: Path, file: Path, *, hashed: bool) -> Verdict:
    options = ["--strict", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    options.append("--require-hashes" if hashed else "--no-deps")
    command = [str(program), *options, "--requirement", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(unseen=["pip-audit has not answered within 300 s"])
    return verdict(Said(done.returncode, done.stdout, done.stderr), locked(file.read_text("utf-8")))


def _installed() -> Path | None:
    """pip-audit in a room of its own, by hashes, so that what it needs does not mix with what it judges."""
    program, mark, lock = TOOLS / "bin/pip-audit", TOOLS / "installed", HERE / "requirements.lock"
    if not (mark.exists() and mark.read_bytes() == lock.read_bytes()):
        venv.create(TOOLS, with_pip=True)
        command = [TOOLS / "bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return None
        mark.write_bytes(lock.read_bytes())
    return program


def _told(found: dict[str, Verdict]) -> int:
    for name, each in found.items():
        for line in each.vulnerable:
            print(f"VULNERABLE ({name}): {line}")
        for line in each.unseen:
            print(f"{NOT_CHECKED}: known vulnerabilities ({name}): {line}")
    codes = {each.code for each in found.values()}
    code = VIOLATED if VIOLATED in codes else NOT_LOOKED if NOT_LOOKED in codes else HELD
    if code == HELD:
        print(f"no known vulnerability in {', '.join(name for name in found if name != 'a version known to be bad')}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
