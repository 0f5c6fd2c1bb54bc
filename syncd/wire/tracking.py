"""Names of fields that the page fills in to tell where a visit came from."""

from syncd.core.attribution import PARAMETERS


def is_tracking(name: str) -> bool:
    """UTM parameters and the click ids of ad platforms, in any case."""
    plain = name.strip().lower()
    return plain in PARAMETERS or plain.startswith("utm_")
