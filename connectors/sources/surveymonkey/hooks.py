"""Webhooks of an account. https://api.surveymonkey.com/v3/docs#api-endpoints-webhooks"""

from collections.abc import Sequence

from syncd.connector import Hook, ListApi, Refused, hooks_told, list_in, same_address, text_in

EVENT = "response_completed"
WORDS = ("error.message",)
_MOST = 100


def hooks_of(api: ListApi, survey: str) -> Sequence[Hook]:
    """The list has names alone: each is asked for."""
    if not survey:
        raise Refused("surveymonkey: set survey_id: a webhook belongs to surveys")
    found = api.get("webhooks", "/webhooks", {"per_page": str(_MOST)}, words=WORDS)
    listed = hooks_told("surveymonkey", found, "data")
    whole = [api.get("webhook", f"/webhooks/{text_in(one, 'id')}", words=WORDS) for one in listed]
    return [
        Hook(
            text_in(hook, "id"),
            text_in(hook, "subscription_url"),
            text_in(hook, "event_type") == EVENT and survey in map(str, list_in(hook, "object_ids")),
            (text_in(hook, "event_type"),),
        )
        for hook in whole
    ]


def hook_up(api: ListApi, survey: str, url: str) -> None:
    if any(hook.active and same_address(hook.url, url) for hook in hooks_of(api, survey)):
        return
    wanted = {
        "name": f"syncd {survey}",
        "event_type": EVENT,
        "object_type": "survey",
        "object_ids": [survey],
        "subscription_url": url,
    }
    api.ask("POST", "webhook", "/webhooks", json=wanted, writes=True, words=WORDS)
