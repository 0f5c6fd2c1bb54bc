"""A file of rows from a drop folder into the store, in a process of its own, so that its memory is known."""

import csv
import json
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from openpyxl import Workbook

from bench.places import folder
from bench.world import ROOT
from connectors.sources.csv_drop import plugin
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from syncd.store.store import Store

HEADER = ("Name", "E-Mail", "Phone", "Company", "Message", "Zip", "Created")


def dropped(ending: str, count: int) -> dict[str, float]:
    """SQLite with synchronous=FULL. MiB: at the most, the interpreter and all modules among them."""
    with folder() as where:
        (where / "in").mkdir()
        _write(where / "in" / f"leads.{ending}", count)
        command = [sys.executable, "-m", "bench.files", str(where)]
        told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        assert told["kept"] == count
        took, before, most = told["seconds"], told["before"], told["most"]
        return {"rows/s": count / took, "MiB": most, "of it for the file": most - before}


def _write(path: Path, count: int) -> None:
    rows = map(_row, range(count))
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows((HEADER, *rows))
        return
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Leads")
    for row in (HEADER, *rows):
        sheet.append(row)
    book.save(path)


def _row(number: int) -> tuple[str | int, ...]:
    name, firm = f"Ada {number}", f"Firm {number} GmbH"
    mail, phone = f"ada{number}@firm{number}.com", f"+49 30 {number:07}"
    return name, mail, phone, firm, f"Please send offer {number}", number % 99_999, "2026-03-02"


def _measured(where: Path) -> dict[str, float]:
    """Two looks, no waiting between them."""
    options = plugin.options.model_validate({"folder": where / "in", "quiet": 0})
    with closing(Store(f"sqlite:///{where}/syncd.db", SystemClock(), list)) as store:
        store.open()
        source = plugin.make(options, Tools("fair", SystemClock(), HttpClient(), where))
        list(source.pages(None))
        before, started, kept = _most_memory(), time.perf_counter(), 0
        for page in source.pages(None):
            kept += store.inbox.accept_page("fair", page).new
            if page.settle:
                page.settle()
        took = time.perf_counter() - started
    return {"kept": kept, "seconds": took, "before": before, "most": _most_memory()}


def _most_memory() -> float:
    """MiB, of this program alone: what the one that started it had does not count."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]))))
