"""Values that do not stand in the file: `${NAME}` from the environment, and `<option>_file` for secrets."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from pydantic import BaseModel

from syncd.config.options import as_model, twins
from syncd.config.problems import Complaint, Path
from syncd.config.yaml_tree import Data

LONGEST_SECRET = 64 * 1024

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:-.*)?", re.DOTALL)
_NO_SECRET = re.compile(r"sqlite:|postgresql(\+\w+)?://([^:@/]*@)?[^@]*$")  # a store's address without password
_SHORTEST_HIDDEN = 6  # hiding "yes" or "1" would garble messages and protect nothing


@dataclass(slots=True)
class Secrets:
    """Fetches values from outside and remembers them, so that no message repeats one."""

    environ: Mapping[str, str]
    folder: FilePath  # relative names of files start here
    complaints: list[Complaint] = field(default_factory=list)
    spoilt: set[Path] = field(default_factory=set)  # could not be fetched: nothing more to say of these
    written_out: list[Path] = field(default_factory=list)  # secrets that stand in the config itself
    _fetched: set[Path] = field(default_factory=set)
    _hidden: dict[str, str] = field(default_factory=dict, repr=False)  # value -> what messages say instead

    def expand(self, data: Data, path: Path = ()) -> Data:
        """The same values with every `${NAME}` and `${NAME:-default}` filled in; `$${` stands for `${`.

        What cannot be filled in is complained of and becomes None.
        """
        if isinstance(data, dict):
            return {key: self.expand(value, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.expand(value, (*path, index)) for index, value in enumerate(data)]
        if data is None or "${" not in data:
            return data
        self._fetched.add(path)
        filled = _REFERENCE.sub(lambda found: self._value(found, path), data)
        return None if path in self.spoilt else filled

    def read_files(self, model: type[BaseModel], data: Mapping[str, Data], path: Path) -> dict[str, Data]:
        """The entries with each `<option>_file` replaced by the option itself, read from that file.

        Sections inside are looked through too.
        """
        filled = dict(data)
        for option, twin in twins(model):
            self._note_written_out(filled.get(option), (*path, option))
            if twin in data and (*path, twin) not in self.spoilt:
                try:
                    filled[option] = self._contents(option, twin, data)
                except ValueError as error:
                    self._spoil((*path, twin), str(error))
            if (*path, twin) in self.spoilt:
                self.spoilt.add((*path, option))
            filled.pop(twin, None)
        for option, info in model.model_fields.items():
            section, inside = as_model(info.annotation), filled.get(option)
            if section and isinstance(inside, dict):
                filled[option] = self.read_files(section, inside, (*path, option))
        return filled

    def hide(self, value: str, instead: str) -> None:
        """Messages say `instead` from now on."""
        if len(value) >= _SHORTEST_HIDDEN:
            self._hidden[value] = instead

    def redact(self, message: str) -> str:
        """The message without any of the values, in whatever case it has them."""
        for value in sorted(self._hidden, key=len, reverse=True):
            message = re.sub(re.escape(value), self._hidden[value], message, flags=re.IGNORECASE)
        return message

    def _value(self, found: re.Match[str], path: Path) -> str:
        if found[0] == "$${":
            return "${"
        parts = _NAME.fullmatch(found[1] or "")
        if parts is None:
            self._spoil(path, "write ${NAME} or ${NAME:-default}; $${ stands for a plain ${")
            return ""
        name, default = parts.groups()
        value = self.environ.get(name, "")
        if not value and default is None:
            self._spoil(path, f"the environment variable {name} is not set")
        self.hide(value, f"${{{name}}}")
        return value or (default or "").removeprefix(":-")

    def _note_written_out(self, value: Data, path: Path) -> None:
        if isinstance(value, str):
            self.hide(value, f"(the value of {path[-1]})")
            if path not in self._fetched and not _NO_SECRET.match(value):
                self.written_out.append(path)

    def _contents(self, option: str, twin: str, data: Mapping[str, Data]) -> str:
        """Raises ValueError when there is no such file, or when others may read it."""
        name = data[twin]
        if data.get(option) is not None:
            raise ValueError(f"give either {option} or {twin}")
        if not isinstance(name, str) or not name:
            raise ValueError("should be the name of a file")
        file = self.folder / name
        try:
            contents = _read_private(file)
        except OSError as error:
            raise ValueError(f"{file} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError(f"{file} is not text (UTF-8)") from None
        if not contents:
            raise ValueError(f"{file} is empty")
        self.hide(contents, f"(the contents of {twin})")
        return contents

    def _spoil(self, path: Path, message: str) -> None:
        self.complaints.append(Complaint(path, message))
        self.spoilt.add(path)


def _read_private(file: FilePath) -> str:
    """The text without surrounding space. Raises ValueError for what others may read or change."""
    with file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{file} is not a file")
        if status.st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise ValueError(f"{file} holds a secret and is open to everybody on this machine: chmod 600 {file}")
        if status.st_size > LONGEST_SECRET:
            raise ValueError(f"{file} is too large for a secret")
        return opened.read().decode().strip()
