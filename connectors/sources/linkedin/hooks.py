"""Subscriptions to leads. https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync#lead-notifications"""

from collections.abc import Mapping, Sequence

from syncd.connector import Hook, ListApi, Refused, hooks_told, same_address, text_in


def hooks_of(api: ListApi, owner: str, escaped: str, kinds: Sequence[str]) -> Sequence[Hook]:
    """Each kind of lead has a subscription of its own; those of one address are told as one."""
    if not owner:
        raise Refused("linkedin: set owner: subscriptions belong to an ad account or an organization")
    found: dict[str, dict[str, str]] = {}
    for kind in kinds:
        asked = f"/leadNotifications?q=criteria&owner={escaped}&leadType=(leadType:{kind})"
        for one in hooks_told("linkedin", api.get("webhooks", asked), "elements"):
            found.setdefault(text_in(one, "webhook"), {})[kind] = text_in(one, "id")
    return [
        Hook(",".join(ids.values()), url, active=set(kinds) <= ids.keys(), events=tuple(ids))
        for url, ids in found.items()
    ]


def hook_up(api: ListApi, url: str, owner: str, kinds: Sequence[str], there: Sequence[Hook]) -> None:
    known = {kind for hook in there if same_address(hook.url, url) for kind in hook.events}
    for kind in kinds:
        if kind not in known:
            wanted: Mapping[str, object] = {"webhook": url, "owner": {owner.split(":")[2]: owner}, "leadType": kind}
            api.ask("POST", "webhook", "/leadNotifications", json=wanted, writes=True)
