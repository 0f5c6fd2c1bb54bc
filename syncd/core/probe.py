"""A probe of syncd itself: a made-up enquiry, known by its address wherever it turns up, and never a lead.

`.invalid` is nobody's for ever (RFC 2606), so no person can be taken for a probe.
"""

from syncd.model import Submission

DOMAIN = "syncd-probe.invalid"
REASON = "a probe of syncd itself"


def probe_address(mark: str) -> str:
    return f"{mark}@{DOMAIN}"


def is_probe_address(address: str) -> bool:
    return address.endswith("@" + DOMAIN)


def is_probe(submission: Submission) -> bool:
    return any(isinstance(answer.value, str) and is_probe_address(answer.value) for answer in submission.answers)
