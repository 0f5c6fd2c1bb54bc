"""Coverage-guided fuzzing of the parsers by atheris: `python -m tests.battery.hostile.guided -atheris_runs=200000`

https://github.com/google/atheris. An extra (`pip install -e ".[fuzz]"`), for it has wheels for some platforms only. The
first byte of an input chooses the parser. An input that breaks one is kept as ./crash-<hash> and ends the run with 77.
"""

import sys

import atheris

with atheris.instrument_imports(include=["syncd.wire", "python_multipart"]):
    from syncd.wire.csv_rows import read_csv, row_submission
    from syncd.wire.forms import form_fields
    from syncd.wire.strict_json import json_bytes, json_value
    from syncd.wire.values import flatten, moment_of

from syncd import log
from syncd.errors import Rejected
from syncd.testing.clock import NOON

LONGEST = 4_096


def try_one(data: bytes) -> None:
    if not data:
        return
    chosen, body = data[0] % 5, data[1:]
    try:
        if chosen == 0:
            value = json_value(body)
            assert json_value(json_bytes(value)) == value
            for _, text in flatten(value):
                str(text).encode()
        elif chosen == 1:
            _tried_form(body, "application/x-www-form-urlencoded")
        elif chosen == 2:
            _tried_form(body, "multipart/form-data; boundary=x")
        elif chosen == 3:
            for row in read_csv(body):
                row_submission(row, "fair", NOON).key.encode()
        else:
            text = body.decode("utf-8", "replace")
            moment_of(text)
            _tried_form(b"a=b", text)
    except Rejected:
        return


def _tried_form(body: bytes, kind: str) -> None:
    for field in form_fields(body, kind):
        field.name.encode()
        str(field.value).encode()


if __name__ == "__main__":
    log.set_up("error")  # libraries that say too much are silent
    atheris.Setup([*sys.argv, f"-max_len={LONGEST}"], try_one)
    atheris.Fuzz()
