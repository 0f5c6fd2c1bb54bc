"""Who is counted as one sender, and who is not."""

import pytest

from syncd.run.senders import Senders


class TestCounting:
    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
            ("127.0.0.1", ""),
            ("::1", ""),
            ("", ""),
            ("unknown", "unknown"),
            ("x" * 5000, "x" * 64),
        ],
    )
    def test_without_listed_proxies_this_machine_may_be_one(self, address: str, name: str) -> None:
        assert Senders().one_of(address) == name

    @pytest.mark.parametrize(
        ("address", "name"),
        [("10.1.2.3", ""), ("127.0.0.1", "127.0.0.1"), ("::1", "::/64"), ("203.0.113.9", "203.0.113.9")],
    )
    def test_with_listed_proxies_only_they_are_shared(self, address: str, name: str) -> None:
        assert Senders(["10.0.0.0/8"]).one_of(address) == name
