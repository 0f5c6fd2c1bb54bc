"""Whether the page posts to the app. https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps"""

from collections.abc import Mapping, Sequence

from syncd.connector import Hook, ListApi, Refused, hooks_told, list_in, text_in

FIELD = "leadgen"


def hooks_of(api: ListApi, page: str, proof: Mapping[str, str]) -> Sequence[Hook]:
    """The address stands in the app, which Meta does not tell to the token of a page."""
    found = api.get("apps of the page", f"/{needed(page)}/subscribed_apps", proof)
    apps = hooks_told("meta", found, "data")
    fields = [tuple(str(each) for each in list_in(app, "subscribed_fields")) for app in apps]
    return [Hook(text_in(app, "id"), active=FIELD in told, events=told) for app, told in zip(apps, fields, strict=True)]


def hook_up(api: ListApi, page: str, proof: Mapping[str, str]) -> None:
    """What the page posts beside leads stays."""
    there = {field for hook in hooks_of(api, page, proof) for field in hook.events}
    wanted = {"subscribed_fields": ",".join(sorted({FIELD, *there}))}
    api.ask("POST", "apps of the page", f"/{page}/subscribed_apps", params=proof, json=wanted, writes=True)


def needed(page: str) -> str:
    if not page:
        raise Refused("meta: set page_id: without it nobody knows which page is meant")
    return page
