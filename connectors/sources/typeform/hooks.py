"""The webhook of a form. https://www.typeform.com/developers/webhooks/reference/create-or-update-webhook/"""

from collections.abc import Sequence

from syncd.connector import Hook, ListApi, Refused, SecretStr, hooks_told, same_address, text_in

TAG = "syncd"
"""The name under which a form keeps ours: putting it again changes it, and makes no second one."""

WORDS = ("description",)


def hooks_of(api: ListApi, form: str) -> Sequence[Hook]:
    found = api.get("webhooks", f"/forms/{form}/webhooks", words=WORDS)
    return [
        Hook(text_in(hook, "tag"), text_in(hook, "url"), hook.get("enabled") is True, ("form_response",))
        for hook in hooks_told("typeform", found, "items")
    ]


def hook_up(api: ListApi, form: str, url: str, keys: Sequence[SecretStr]) -> None:
    """One that is there under another tag for the same address is switched on; otherwise ours is put."""
    if not keys:
        raise Refused("typeform: set the webhook's secret first: it is made with it")
    there = next((hook.id for hook in hooks_of(api, form) if same_address(hook.url, url)), TAG)
    wanted = {"url": url, "enabled": True, "secret": keys[0].get_secret_value(), "verify_ssl": True}
    api.ask("PUT", "webhook", f"/forms/{form}/webhooks/{there}", json=wanted, writes=True, words=WORDS)
