"""Signed timestamps: when a page was opened, said by whoever holds the secret and by nobody else.

A stamp is `<milliseconds since 1970>.<any word>.<hex HMAC-SHA256>`, the hash over `<source>.<milliseconds>.<word>`.
The site's own server may make it while it renders the page; other pages load it from here.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from syncd.connector import SecretStr, moment_of

EARLY = timedelta(minutes=1)
"""So far another machine's clock may be ahead."""

_STAMP = re.compile(r"(\d{13})\.([A-Za-z0-9_-]{1,64})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stamp:
    """`good` alone says when the page was opened; `old` is true, but says nothing about this visit."""

    kind: Literal["none", "forged", "old", "good"]
    word: str = ""
    seconds: float | None = None  # from then on; None where two clocks do not agree


class Stamps:
    """Of one form."""

    def __init__(self, form: str, secret: SecretStr, lasts: timedelta) -> None:
        self._form, self._key, self._lasts = form, secret.get_secret_value().encode(), lasts

    def issue(self, now: datetime) -> str:
        millis, word = f"{now.timestamp() * 1000:.0f}", secrets.token_urlsafe(9)
        return f"{millis}.{word}.{self._hash(millis, word)}"

    def read(self, text: str, now: datetime) -> Stamp:
        if not text.strip():
            return Stamp("none")
        found = _STAMP.fullmatch(text.strip())
        if found is None or not hmac.compare_digest(self._hash(found[1], found[2]), found[3]):
            return Stamp("forged")
        opened = moment_of(int(found[1]))
        if opened is None or not -EARLY <= now - opened <= self._lasts:
            return Stamp("old", found[2])
        seconds = (now - opened).total_seconds()
        return Stamp("good", found[2], seconds if seconds >= 0 else None)

    def _hash(self, millis: str, word: str) -> str:
        return hmac.new(self._key, f"{self._form}.{millis}.{word}".encode(), hashlib.sha256).hexdigest()


def script(stamp: str) -> bytes:
    """Puts the stamp into every form of the page that posts to where this script comes from."""
    return _SCRIPT.replace("STAMP", json.dumps(stamp)).encode()


_SCRIPT = """\
"use strict";
(() => {
  const here = new URL(document.currentScript.src);
  const put = () => {
    for (const form of document.forms) {
      const there = new URL(form.getAttribute("action") || "", document.baseURI);
      if (there.origin !== here.origin || there.pathname !== here.pathname) continue;
      const input = form.elements.namedItem("_stamp") || form.appendChild(document.createElement("input"));
      Object.assign(input, { type: "hidden", name: "_stamp", value: STAMP });
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", put);
  else put();
})();
"""
