"""Reads the config: the file, what it fetches from outside, every problem at once, and the result."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from pydantic import SecretStr

from syncd.config.crosscheck import cross_check, warn
from syncd.config.entries import SECTIONS, Chosen, read_entries
from syncd.config.options import TWIN
from syncd.config.playbook import make_playbook
from syncd.config.problems import Complaint, ConfigErrors, Path, Problem
from syncd.config.repair import read_settings
from syncd.config.secrets import Secrets
from syncd.config.settings import Settings, Store
from syncd.config.yaml_tree import Data, Tree, read_yaml
from syncd.core.playbook import Playbook
from syncd.registry import Registry

LONGEST_FILE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Loaded:
    """A config that holds together."""

    settings: Settings
    playbook: Playbook
    sources: Mapping[str, Chosen]  # name -> (plugin, options)
    sinks: Mapping[str, Chosen]
    alerts: Mapping[str, Chosen]
    system_of_record: str  # name of the sink whose records and owners win
    warnings: tuple[Problem, ...] = ()


def load_config(path: FilePath, environ: Mapping[str, str], registry: Registry) -> Loaded:
    """Read, check and compile the config file.

    Raises ConfigErrors with every problem; none of them repeats a secret.
    """
    text, mode = _read_file(path)
    return load_text(
        text, environ, registry, file=str(path), folder=path.parent, readable_by_all=bool(mode & stat.S_IROTH)
    )


def load_text(
    text: str,
    environ: Mapping[str, str],
    registry: Registry,
    *,
    file: str = "config.yaml",
    folder: FilePath = FilePath(),
    readable_by_all: bool = False,
) -> Loaded:
    """The same for a text; `file` is the name that problems show, `folder` where relative names start."""
    tree = read_yaml(text, file)
    if not isinstance(tree.data, dict):
        raise ConfigErrors([*tree.problems, Problem(file, 0, 0, "", _no_mapping(tree.data))])
    secrets = Secrets(environ, folder)
    data = {name: secrets.expand(value, (name,)) for name, value in tree.data.items()}
    entries = {section: read_entries(section, data.get(section), registry, secrets) for section in SECTIONS}
    connectors = {section: each.chosen for section, each in entries.items()}
    data |= {section: entries[section].shared for section in SECTIONS if isinstance(data.get(section), dict)}
    settings, complaints, broken = read_settings(secrets.read_files(Settings, data, ()))
    crossed = cross_check(settings, connectors) if settings else ()
    complaints += (each for each in crossed if not _rests_on(each, broken))
    complaints += (each for section in entries.values() for each in section.complaints)
    complaints = [each for each in complaints if not _rests_on(each, secrets.spoilt)] + secrets.complaints
    if complaints or tree.problems or settings is None:
        raise ConfigErrors([*tree.problems, *_placed(complaints, tree, secrets)])
    warnings = [*warn(settings), *(_open_secrets(secrets) if readable_by_all else ())]
    return Loaded(
        settings=settings.model_copy(update={"store": _in_folder(settings.store, folder)}),
        playbook=make_playbook(settings, connectors),
        sources=connectors["sources"],
        sinks=connectors["sinks"],
        alerts=connectors["alerts"],
        system_of_record=_system_of_record(settings),
        warnings=_placed(warnings, tree, secrets),
    )


def _rests_on(complaint: Complaint, paths: Iterable[Path]) -> bool:
    """Whether it is about something that is known to be broken already, or compares with that."""
    return any(complaint.path[: len(path)] == path or complaint.needs == path for path in paths)


def _placed(complaints: Iterable[Complaint], tree: Tree, secrets: Secrets) -> tuple[Problem, ...]:
    """In the order of the file."""
    problems = (tree.problem(complaint) for complaint in complaints)
    safe = (replace(problem, message=secrets.redact(problem.message)) for problem in problems)
    return tuple(sorted(safe, key=lambda problem: (problem.line, problem.column)))


def _open_secrets(secrets: Secrets) -> Iterator[Complaint]:
    for path in secrets.written_out:
        yield Complaint(
            path,
            "a secret in a file that everybody on this machine can read: chmod 600 the file, or write "
            f"${{NAME}} or {path[-1]}{TWIN}",
        )


def _system_of_record(settings: Settings) -> str:
    said = [name for name, sink in settings.sinks.items() if sink.system_of_record]
    live = [name for name, sink in settings.sinks.items() if not sink.shadow]
    return next(iter(said or live))


def _in_folder(store: Store, folder: FilePath) -> Store:
    """A relative file of SQLite made absolute, starting from the folder of the config."""
    if store.receipts:
        store = store.model_copy(update={"receipts": (folder / store.receipts).absolute()})
    head, slashes, file = store.url.get_secret_value().partition(":///")
    if not slashes or not head.startswith("sqlite"):
        return store
    return store.model_copy(update={"url": SecretStr(f"{head}:///{(folder / file).absolute()}")})


def _read_file(path: FilePath) -> tuple[str, int]:
    """Text and mode. Raises ConfigErrors in plain words."""
    try:
        with path.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if status.st_mode & stat.S_IWOTH:
                raise _file_problem(path, f"everybody on this machine may change it: chmod o-w {path}")
            if status.st_size > LONGEST_FILE:
                raise _file_problem(path, f"is larger than {LONGEST_FILE // 2**20} MiB: is it a config?")
            return opened.read().decode("utf-8-sig"), status.st_mode
    except FileNotFoundError:
        raise _file_problem(path, "there is no such file; config.example.yaml shows what one looks like") from None
    except UnicodeDecodeError as error:
        raise _file_problem(path, f"is not text in UTF-8 (byte {error.start + 1})") from None
    except OSError as error:
        raise _file_problem(path, f"cannot be read: {error.strerror}") from None


def _file_problem(path: FilePath, message: str) -> ConfigErrors:
    return ConfigErrors([Problem(str(path), 0, 0, "", message)])


def _no_mapping(data: Data) -> str:
    if data is None:
        return "the file is empty; config.example.yaml shows what belongs in it"
    return "the file should hold sections (name: value), as company, people, sources, sinks and rules"
