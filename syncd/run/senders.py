"""Who stands behind an address: a sender, a whole network of one sender, or a proxy behind which there are many."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network


class Senders:
    """`proxies` are the addresses and networks whose X-Forwarded-For is believed."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        self._proxies = [ip_network(proxy, strict=False) for proxy in proxies]
        self.listed = bool(self._proxies)
        self.is_proxy = lru_cache(maxsize=4096)(self._is_proxy)
        self.one_of = lru_cache(maxsize=16_384)(self._one_of)

    def client(self, peer: str, forwarded: str) -> str:
        """The peer's address; behind listed proxies the last address that none of them has."""
        if not (forwarded and self._proxies):
            return peer
        for address in reversed(forwarded.split(",")):
            if not self.is_proxy(peer):
                break
            peer = address.strip() or peer
        return peer

    def _is_proxy(self, address: str) -> bool:
        try:
            at = ip_address(address)
        except ValueError:
            return False
        return any(at in network for network in self._proxies)

    def _one_of(self, address: str) -> str:
        """The name under which a sender is counted; empty for an address that many share.

        Many share a listed proxy; where none is listed, this machine, for that may be a proxy nobody told us
        of; and a Unix socket. One sender has a whole /64 of IPv6 addresses to choose from.
        """
        try:
            at = ip_address(_without_port(address))
        except ValueError:
            return address[:64]
        if isinstance(at, IPv6Address):
            at = at.ipv4_mapped or at
        if self.is_proxy(address) or (at.is_loopback and not self._proxies):
            return ""
        return str(at) if at.version == 4 else str(ip_network((at, 64), strict=False))


def _without_port(address: str) -> str:
    """Some proxies write the port as well: 192.0.2.1:4711, [2001:db8::1]:4711."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
