"""What may be set for every folder of files."""

from fnmatch import fnmatch

from pydantic import Field, field_validator

from syncd.wire.csv_rows import CsvFormat
from syncd.wire.options import SourceOptions

UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".lock", ".upload", ".swp", "~")
"""How names end while somebody writes; renaming is how uploaders say that they are done."""

OURS = (".result.csv", ".pending")


class DropOptions(SourceOptions):
    pattern: str = Field(
        "*.csv|*.tsv|*.xlsx|*.xlsm", min_length=1, description="names of the files to read, several parted by |"
    )
    quiet: float = Field(5, ge=0, le=3600, description="seconds for which a file must not have changed")
    delimiter: str = Field("", max_length=1, description="what parts the cells; empty: found out")
    encoding: str = Field("", description="as cp1250; empty: UTF-8, UTF-16 or Windows-1252, found out")
    sheet: str = Field("", description="sheet of a workbook; empty: the first visible one with anything in it")
    id_column: str = Field("", description="column with an id that no other row will ever have")
    as_source: str = Field(
        "", description="name of the source whose enquiries these are: one that its webhook brought counts once"
    )
    results: bool = Field(
        True,
        description="write beside a read file what became of each row, and a file of those to mend and put in again",
    )

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str) -> str:
        try:
            "".encode(encoding or "utf-8")
        except (LookupError, UnicodeError):
            raise ValueError(f'there is no encoding "{encoding}"') from None
        return encoding

    @property
    def form(self) -> CsvFormat:
        return CsvFormat(self.delimiter, self.encoding, self.sheet)

    def wants(self, name: str) -> bool:
        """Whether a file of this name is to be read: neither hidden, nor unfinished, nor one that syncd writes."""
        plain = name.casefold()
        if plain.startswith((".", "~$")) or plain.endswith((*UNFINISHED, *OURS)):
            return False
        return any(fnmatch(plain, pattern.strip().casefold()) for pattern in self.pattern.split("|"))
