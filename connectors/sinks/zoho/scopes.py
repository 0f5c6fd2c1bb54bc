"""What the grant must allow. https://www.zoho.com/crm/developer/docs/api/v8/scopes.html"""

from collections.abc import Iterator

from connectors.sinks.zoho.composite import SCOPE as COMPOSITE
from syncd.connector import Finding

MODULES = ("leads", "contacts", "tasks", "notes")
NEEDED = (
    *(f"ZohoCRM.modules.{module}.{verb}" for module in MODULES for verb in ("READ", "CREATE", "UPDATE")),
    "ZohoCRM.users.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.coql.READ",
)
TO_MAKE_FIELDS = "ZohoCRM.settings.fields.CREATE"
GOOD = (
    "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.ALL ZohoCRM.coql.READ "
    f"{COMPOSITE} ZohoSearch.securesearch.READ"
)


def scope_findings(granted: frozenset[str], *, apply: bool) -> Iterator[Finding]:
    """`granted`: empty where Zoho has not said it."""
    if not granted:
        yield Finding("scopes", ok=True, detail="Zoho has not told them")
        return
    missing = [scope for scope in (*NEEDED, *([TO_MAKE_FIELDS] if apply else [])) if not _covered(scope, granted)]
    remedy = f"make a new grant with the scopes {GOOD.replace(' ', ',')}" if missing else ""
    yield Finding("scopes", ok=not missing, detail=_told(missing, granted), remedy=remedy)


def _told(missing: list[str], granted: frozenset[str]) -> str:
    if missing:
        return f"missing: {', '.join(missing)}"
    return "" if _covered(COMPOSITE, granted) else f"without {COMPOSITE} each look-up takes two calls instead of one"


def _covered(scope: str, granted: frozenset[str]) -> bool:
    """So does ZohoCRM.modules.ALL with ZohoCRM.modules.leads.READ. WRITE is CREATE and UPDATE, ALL is everything."""
    *parts, verb = scope.split(".")
    verbs = {verb, "ALL"} | ({"WRITE"} if verb in ("CREATE", "UPDATE") else set())
    wholes = [".".join(parts[:length]) for length in range(2, len(parts) + 1)]
    known = {each.lower() for each in granted}
    return any(f"{whole}.{each}".lower() in known for whole in wholes for each in verbs)
