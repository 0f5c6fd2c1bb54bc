"""Refs of records, with the address where a person opens them."""

from connectors.sinks.http.options import HttpSinkOptions
from connectors.sinks.http.words import LINK_WORDS
from syncd.connector import Ref


class Links:
    def __init__(self, options: HttpSinkOptions) -> None:
        self._word, self._link = options.object, options.records.link if options.records else ""

    def ref(self, record: str) -> Ref:
        return Ref(self._word, record, LINK_WORDS.address.render(self._link, {"id": record}) if self._link else "")
