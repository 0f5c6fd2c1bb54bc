"""What the config makes of the service, in words: each request for somebody made up, and what stays unsure."""

import json
import re
from collections.abc import Iterator

from connectors.sinks.http.options import HttpSinkOptions, RecordsOptions, RequestOptions, SavingOptions
from connectors.sinks.http.presets import PRESETS
from connectors.sinks.http.requests import fill, shown
from syncd.connector import FIELDS, Finding, Rejected

_FIELD = re.compile(r"fields(?:\.|\[')(\w+)")
SETTLE = "nothing can tell: a lost answer is parked, and `syncd settle` takes what a person has seen there"


def previews(options: HttpSinkOptions) -> Iterator[Finding]:
    if options.preset:
        yield Finding(f"preset {options.preset}", ok=True, detail=f"unverified: {PRESETS[options.preset].known}")
    records, tasks, notes = options.records, options.tasks, options.notes
    if records is not None:
        yield from _saving(options, "record", records, by_look_up=bool(options.find))
        yield _changes(options, "record", records.update, repeatable=records.repeatable)
        yield from _written_over(options, records)
    if tasks is not None:
        yield from _saving(options, "task", tasks, by_look_up=tasks.find is not None)
        yield _changes(options, "task", tasks.update, repeatable=False)
    if notes is not None:
        yield from _saving(options, "note", notes, by_look_up=notes.find is not None)
    for name in options.leave_out:
        yield Finding(name, ok=True, detail=f"left out by choice: nobody finds {name} there, they stand in syncd alone")
    if not options.find:
        yield Finding("look-up", ok=True, detail="none: nobody is known there before, and no owner there is kept")
    yield Finding("read-back", ok=True, detail="none: a task is marked done in syncd's console")


def _written_over(options: HttpSinkOptions, records: RecordsOptions) -> Iterator[Finding]:
    """Whether a change spares what people have typed."""
    if records.update is None and not records.repeatable:
        return
    update = records.update or records
    told = {name for question in options.find for name in question.values}
    sent = set(_FIELD.findall(json.dumps([update.body, update.form, update.params], ensure_ascii=False)))
    blind = sorted((sent & FIELDS.keys()) - told)
    if not options.find and not records.overwrite:
        detail = "not sent after all: no look-up tells what people have typed there (`overwrite: yes` sends them)"
        yield Finding("changes of a record", ok=True, detail=detail)
    elif blind:
        detail = f"written over whatever people have typed, for `find` has no `values` of them: {', '.join(blind)}"
        yield Finding("changes of a record", ok=True, detail=detail)


def _saving(options: HttpSinkOptions, word: str, request: SavingOptions, *, by_look_up: bool) -> Iterator[Finding]:
    yield _sent(options, word, request, idempotency=options.idempotency_header)
    yield Finding(f"{word} sent twice", ok=True, detail=_sureness(options, request, by_look_up=by_look_up))
    if not request.id:
        yield Finding(f"id of a {word}", ok=True, detail="the answer names none: syncd's own stands for it")


def _sureness(options: HttpSinkOptions, request: SavingOptions, *, by_look_up: bool) -> str:
    if request.repeatable:
        return "changes nothing there, says the config (repeatable)"
    if options.idempotency_header:
        return f"is known by {options.idempotency_header}, as long as the service remembers it"
    if by_look_up:
        return "is looked for after a lost answer, and sent again only when it is not found"
    return SETTLE


def _changes(options: HttpSinkOptions, word: str, update: RequestOptions | None, *, repeatable: bool) -> Finding:
    if update is not None:
        return _sent(options, f"change of a {word}", update, idempotency="")
    how = "sent by the same request" if repeatable else "not sent: there is no `update`"
    return Finding(f"change of a {word}", ok=True, detail=how)


def _sent(options: HttpSinkOptions, word: str, request: RequestOptions, idempotency: str) -> Finding:
    try:
        detail = shown(options, fill(request, request.WORDS.sample, idempotency))
    except Rejected as error:
        return Finding(word, ok=False, detail=str(error), remedy="mend the template")
    return Finding(word, ok=True, detail=detail)
