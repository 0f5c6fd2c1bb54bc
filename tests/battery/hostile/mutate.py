"""Damage that keeps the structure of a body, so that it gets further than to the parser's first check."""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

LONGEST = 2**20  # bytes, as the daemon takes; what is longer is refused unread, which the table of cases tries
Pairs = Sequence[tuple[str, str]]

RAW = {  # stand in the JSON as they are: no library would write them
    "@@NaN": "NaN", "@@Inf": "-Infinity", "@@1e999": "1e999", "@@-1e999": "-1e999", "@@long": "9" * 5_000,
    "@@2^63": str(2**63), "@@-2^63-1": str(-(2**63) - 1), "@@half": '"\\ud800"', "@@pair": '"\\ude00\\ud83d"',
    "@@nul": '"a\\u0000b"', "@@tab": '"a\tb"', "@@deep": "[" * 70 + "]" * 70, "@@deeper": "[" * 3_000,
    "@@twice": '{"a":1,"a":{"a":2}}', "@@cut": '{"a":', "@@comment": "/* */1", "@@single": "'x'", "@@hex": "0x10",
    "@@01": "01", "@@plus": "+1", "@@dot": ".5", "@@-": "-", "@@minus0": "-0", "@@utf7": '"+ADw-script+AD4-"',
}  # fmt: skip
TEXTS = (
    "", " ", "\0", "\r\n", "\r\nSet-Cookie: a=b", "\u2028", "\ufeff", "\u202egro.elpmaxe", "a\u0301" * 50,
    "\U0001f426" * 20, "=1+1", "+49 30 55700001", "-2+3", "@SUM(A1)", "\t=cmd|' /C calc'!A0", "\uff1d1+1",
    "'; DROP TABLE inbox; --", "' OR '1'='1", "{{7*7}}", "{{ ''.__class__.__mro__ }}", "${7*7}", "<%= 7*7 %>",
    "{% for a in range(9**9) %}x{% endfor %}", "%s%n%x", "{0.__class__}", "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "../../../../etc/passwd", "C:\\x\\y",
    "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "a" * 70_000, "x@" + "a" * 300 + ".com",
    "a@b@c", "@", "x" * 65 + "@a.com", "xn--zwitscher-@xn--nxasmq6b", "true", "null", "0", "1e309", "NaN",
    "2026-02-30", "9999-12-31T23:59:59+14:00", "0000-00-00", "253402300800000", "1" * 400, "(" * 200,
    "a" * 30 + "!", "\u0663\u0664\u0665\u0666\u0667\u0668\u0669", "\ufb00\u00df\u0130", "+" + "1" * 60,
    "00" * 40, "\x1b[31m", "\x7f",
)  # fmt: skip
"""Values that have broken somebody's program before."""

_TIMES = (1, 1, 2, 2, 3, 3, 9, 9, 19, 250)
_HEADERS = (
    "content-type", "content-encoding", "accept", "origin", "cookie", "x-forwarded-for", "authorization",
    "idempotency-key", "user-agent", "accept-language", "referer", "sec-fetch-site",
)  # fmt: skip


class Mutator:
    """Every case comes from the dice alone: the same seed gives the same cases."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def value(self) -> Any:
        """For a place in JSON."""
        pick = self.dice.random()
        if pick < 0.35:
            return self.dice.choice(list(RAW))
        if pick < 0.75:
            return self.dice.choice(TEXTS)
        return self.dice.choice(
            (None, True, False, 0, -1, 1.5, 2**53 + 1, [], {}, [[]], [None], {"": ""}, [{}], {"a": [1, {"b": []}]})
        )

    def json(self, seed: bytes) -> bytes:
        """One to three changes in the tree, then perhaps some among the bytes."""
        tree: Any = json.loads(seed)
        for _ in range(self.dice.randint(1, 3)):
            tree = self._changed(tree)
        text = json.dumps(tree, ensure_ascii=self.dice.random() < 0.5)
        if "@@" in text:
            for name, raw in RAW.items():
                text = text.replace(f'"{name}"', raw)
        return self._perhaps(text.encode("utf-8", "surrogatepass"))

    def _changed(self, tree: Any) -> Any:
        above, key, here = None, None, tree
        while isinstance(here, dict | list) and here and self.dice.random() < 0.85:
            above, key = here, self.dice.choice(list(here) if isinstance(here, dict) else range(len(here)))
            here = here[key]
        if above is None:
            return self.value() if self.dice.random() < 0.1 else tree
        self._change(above, key, here)
        return tree

    def _change(self, above: Any, key: Any, here: Any) -> None:
        act = self.dice.randrange(6)
        if act == 0:
            del above[key]
        elif act == 1 and isinstance(above, dict):
            above[self.dice.choice(TEXTS)] = above.pop(key)
        elif act == 2 and isinstance(above, list):
            above.extend([here] * self.dice.choice(_TIMES))
        elif act == 3:
            above[key] = [here] if self.dice.random() < 0.5 else {"x": here}
        elif act == 4 and isinstance(here, str):
            above[key] = here[: self.dice.randrange(len(here) + 1)] + self.dice.choice(TEXTS)
        else:
            above[key] = self.value()

    def form(self, pairs: Pairs) -> bytes:
        said = self._pairs(pairs)
        text = "&".join(f"{self._name(name)}={self._name(value)}" for name, value in said)
        if self.dice.random() < 0.02:
            text = "&".join([text] * min(self.dice.choice((50, 5_000)), LONGEST // (len(text) + 1)))
        return self._perhaps(text.encode("utf-8", "replace"))

    def _name(self, text: str) -> str:
        return quote_plus(text, errors="replace") if self.dice.random() < 0.9 else text

    def _pairs(self, pairs: Pairs) -> list[tuple[str, str]]:
        said = list(pairs)
        for _ in range(self.dice.randint(1, 3)):
            place = self.dice.randrange(len(said))
            name, value = said[place]
            act = self.dice.randrange(4)
            if act == 0:
                said[place] = name, self.dice.choice(TEXTS)
            elif act == 1:
                said[place] = (
                    self.dice.choice((*TEXTS, "a[]", "a[b][c]", "__proto__", "_charset_", "_next", "_id")),
                    value,
                )
            elif act == 2:
                said += [said[place]] * self.dice.choice(_TIMES)
            else:
                said[place] = name, value + self.dice.choice(TEXTS)
        return said

    def multipart(self, pairs: Pairs) -> tuple[bytes, str]:
        """The body, and its content type."""
        boundary = self._mostly("x", "--x", "a b", '"', "x" * 70, "x" * 300, "\u00e9", "")
        written = self._mostly(boundary, "y", f'"{boundary}"', f"{boundary}; charset=utf-16")
        parts = [self._part(name, value) for name, value in self._pairs(pairs)]
        end = self._mostly("--", "", "-")
        body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}{end}\r\n"
        return self._perhaps(body.encode("utf-8", "replace")), f"multipart/form-data; boundary={written}"

    def _part(self, name: str, value: str) -> str:
        right = f'name="{name}"'
        named = self._mostly(right, f"name={name}", f'NAME="{name}"', f"name*=utf-8''{name}", "", right[:-1])
        upload = self._mostly("", '; filename="../../x.php"', "; filename=", f'; filename="{self.dice.choice(TEXTS)}"')
        coded = "Content-Transfer-Encoding: base64\r\n"
        more = self._mostly("", coded, "Content-Type: text/plain; charset=utf-7\r\n", "A: " + "b" * 900 + "\r\n")
        return f"Content-Disposition: form-data; {named}{upload}\r\n{more}\r\n{value}"

    def _mostly(self, usual: str, *others: str) -> str:
        return usual if self.dice.random() < 0.9 else self.dice.choice(others)

    def csv(self, rows: Sequence[Sequence[str]]) -> bytes:
        delimiter, end = self.dice.choice(",;\t|"), self.dice.choice(("\r\n", "\n", "\r", "\r\r\n"))
        said = [list(row) for row in rows]
        for _ in range(self.dice.randint(1, 4)):
            row = self.dice.choice(said)
            if row:
                row[self.dice.randrange(len(row))] = self.dice.choice((*TEXTS, '"', '""', 'a"b', '"\n', "x" * 140_000))
            if self.dice.random() < 0.3:
                row.extend(["more"] * self.dice.choice((1, 2, 500)))
        text = end.join(delimiter.join(self._cell(cell) for cell in row) for row in said)
        coding = self.dice.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be", "utf-32"))
        return self._perhaps(text.encode(coding, "replace"))

    def _cell(self, cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if self.dice.random() < 0.7 else cell

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Values stay on one line: what a library could send."""
        said = dict(headers)
        for _ in range(self.dice.randint(1, 2)):
            name = self.dice.choice((*said, *_HEADERS))
            value = said.get(name, "")
            act = self.dice.randrange(4)
            if act == 0:
                said.pop(name, None)
            elif act == 1:
                said[name] = self.dice.choice(TEXTS)[:3_000]
            elif act == 2:
                said[name] = value + self.dice.choice(
                    ("; charset=utf-16", ", " + value, ";", " x", "; boundary=", "=" * 40)
                )
            elif value:
                at = self.dice.randrange(len(value))
                said[name] = value[:at] + chr(ord(value[at]) ^ 1 << self.dice.randrange(7)) + value[at + 1 :]
        return {name: "".join(char for char in value if char.isprintable()) for name, value in said.items()}

    def _perhaps(self, data: bytes) -> bytes:
        data = self.bytes(data[:LONGEST]) if self.dice.random() < 0.25 else data
        return data[:LONGEST]

    def bytes(self, data: bytes) -> bytes:
        """Cut, flipped, doubled, or with something strange in the middle."""
        at = self.dice.randrange(len(data) + 1)
        act = self.dice.randrange(5)
        if act == 0:
            return data[:at]
        if act == 1 and at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << self.dice.randrange(8)]) + data[at + 1 :]
        if act == 2:
            return data[:at] + data[self.dice.randrange(at + 1) : at] * self.dice.choice((1, 3, 40)) + data[at:]
        if act == 3:
            return (
                data[:at]
                + self.dice.choice((b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\r\n\r\n", b"\xf4\x90\x80\x80"))
                + data[at:]
            )
        return data[at:] + data[:at]
