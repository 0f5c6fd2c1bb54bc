"""The webhook of a form. https://www.typeform.com/developers/webhooks/reference/create-or-update-webhook/"""

from collections.abc import Sequence
from itertools import chain, count

from syncd.connector import Hook, ListApi, ProvenSourceOptions, hooks_told, insist_on_key, same_address, text_in

TAG = "syncd"
"""The name under which a form keeps ours: putting it again changes it. One of that name that points elsewhere is
another installation's, and stays.
"""

WORDS = ("description",)


def hooks_of(api: ListApi, form: str) -> Sequence[Hook]:
    found = api.get("webhooks", f"/forms/{form}/webhooks", words=WORDS)
    return [
        Hook(text_in(hook, "tag"), text_in(hook, "url"), hook.get("enabled") is True, ("form_response",))
        for hook in hooks_told("typeform", found, "items")
    ]


def hook_up(api: ListApi, form: str, url: str, options: ProvenSourceOptions) -> None:
    """One that is there for this address, under whatever tag, is put right; otherwise one more is put."""
    insist_on_key("typeform", options)
    found = {hook.id: hook.url for hook in hooks_of(api, form)}
    ours = next((tag for tag, its in found.items() if same_address(its, url)), "")
    tag = ours or next(tag for tag in chain([TAG], (f"{TAG}-{number}" for number in count(2))) if tag not in found)
    wanted = {"url": url, "enabled": True, "verify_ssl": True}
    if options.keys:
        wanted["secret"] = options.keys[0].get_secret_value()
    api.ask("PUT", "webhook", f"/forms/{form}/webhooks/{tag}", json=wanted, writes=True, words=WORDS)
