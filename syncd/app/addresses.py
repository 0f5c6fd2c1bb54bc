"""Where others find us."""

from syncd.config.entries import Chosen
from syncd.config.settings import Probe, Web


def lead_url(web: Web) -> str:
    """Of a lead in the console, with `{lead}` for its id; empty while nobody has said where we are reached."""
    public = web.public_url.rstrip("/")
    return f"{public}/leads/{{lead}}" if public else ""


def source_url(name: str, chosen: Chosen, web: Web) -> str:
    """Where its provider has to post to; empty while nobody has said under which address we are reached."""
    public, token = web.public_url.rstrip("/"), token_of(chosen)
    return f"{public}/in/{name}" + (f"/{token}" if token else "") if public else ""


def probe_url(probe: Probe, chosen: Chosen, web: Web) -> str:
    """Where a visitor posts: the public address, or the door on this machine."""
    here = "127.0.0.1" if web.host in ("0.0.0.0", "::") else web.host  # noqa: S104 - read, not bound
    server = web.public_url or f"http://{f'[{here}]' if ':' in here else here}:{web.port}"
    token = token_of(chosen)
    return probe.url or f"{server}/in/{probe.source}{f'/{token}' if token else ''}"


def token_of(chosen: Chosen) -> str:
    """The secret in the address of a source; empty where it has none."""
    token = getattr(chosen.options, "token", None)
    return token.get_secret_value() if token else ""
