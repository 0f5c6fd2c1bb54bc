"""What pip-audit's answer is worth. https://github.com/pypa/pip-audit#usage"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HELD, VIOLATED, NOT_LOOKED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Said:
    """What pip-audit wrote (`--format json`), and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Verdict:
    vulnerable: Sequence[str] = ()
    unseen: Sequence[str] = ()  # why nobody may take it for passed

    @property
    def code(self) -> int:
        return VIOLATED if self.vulnerable else NOT_LOOKED if self.unseen else HELD


def verdict(said: Said, wanted: Mapping[str, str]) -> Verdict:
    """`wanted`: normal name -> version of every package that has to be looked up."""
    answer = _answer(said.out)
    if answer is None:
        return Verdict(unseen=[_complaint(said)])
    looked_up = {_normal(each["name"]): each for each in answer if "skip_reason" not in each}
    vulnerable = [
        f"{name} {each['version']}: {', '.join(vuln['id'] for vuln in each['vulns'])}; {_remedy(each['vulns'])}"
        for name, each in sorted(looked_up.items())
        if each["vulns"]
    ]
    skipped = [each["name"] for each in answer if "skip_reason" in each]
    missing = sorted(name for name, version in wanted.items() if looked_up.get(name, {}).get("version") != version)
    unseen = [f"{len(skipped)} packages have no advisories: {_some(skipped)}"] if skipped else []
    if missing and not skipped:
        unseen.append(f"{len(missing)} locked packages are not in the answer: {_some(missing)}")
    if said.code != 0 and not vulnerable and not unseen:
        unseen.append(f"pip-audit ended with {said.code} and did not say why")
    return Verdict(vulnerable, unseen)


def locked(text: str) -> dict[str, str]:
    """Normal name -> version of every pin of a lock file that has no marker; those with one may not apply here."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+) *\\?$", text, re.MULTILINE)
    return {_normal(name): version for name, version in pins}


def _answer(out: str) -> list[dict[str, Any]] | None:
    try:
        read = json.loads(out)
    except ValueError:
        return None
    found = read.get("dependencies") if isinstance(read, dict) else None
    return found if isinstance(found, list) and found else None


def _complaint(said: Said) -> str:
    """The last line that tells of an error, without addresses."""
    lines = [line for line in said.err.splitlines() if re.match(r"ERROR|\S*(Error|Exception)\b", line)]
    last = re.sub(r"\(.*", "", lines[-1]) if lines else f"pip-audit ended with {said.code} and no answer"
    return last.removeprefix("ERROR:pip_audit._cli:").strip()


def _remedy(vulns: Sequence[Mapping[str, Any]]) -> str:
    fixed = sorted({version for vuln in vulns for version in vuln["fix_versions"]})
    return f"fixed in {', '.join(fixed)}" if fixed else "not fixed yet"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _normal(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()
