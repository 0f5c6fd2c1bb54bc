"""Trouble to order; the names are explained in the package's docstring."""

from dataclasses import dataclass

from syncd.testing import faults


@dataclass(frozen=True, slots=True)
class Fault(faults.Fault):
    policy: str = "TEN_SECONDLY_ROLLING"  # of too_many
