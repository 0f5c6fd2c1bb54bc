"""Exit codes. Scripts may rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    FAILED = 1  # a bug, or trouble that the message names
    CONFIG = 2  # the config, or how the command was called
    NOT_FOUND = 3  # nobody and nothing by that name
    UNPROVEN = 4  # `prove` found that the balance does not add up
    STORE = 5  # the store cannot be used: newer schema, second daemon, disk
    PARKED = 6  # `import` kept everything, but some rows need a person
    UNFINISHED = 7  # `import`: not all has landed in the time given; `backfill`, `reconcile`: the list broke off
    LATER = 75  # `mail pipe` kept nothing; the mail server is to try again (EX_TEMPFAIL of sysexits.h)
    INTERRUPTED = 130  # Ctrl-C
