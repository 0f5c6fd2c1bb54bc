"""Addresses of SuiteCRM stand in one table for all modules, so one question tells that nobody has one.

https://github.com/salesagility/SuiteCRM (modules/EmailAddresses, Api/V8/Service/ModuleService.php): no role hides it,
nothing deletes from it, and a look-up of leads or contacts by address compares the very column that is asked here.
"""

from collections.abc import Callable, Collection, Iterable

from syncd.connector import OwnerRef, Refused

TABLE, COLUMN = "EmailAddresses", "email_address"


class Addresses:
    """Believed only once it has shown an address that is there for sure, which is one of a user. Thread-safe."""

    def __init__(self, is_there: Callable[[str], bool], users: Callable[[], Iterable[OwnerRef]]) -> None:
        self._is_there, self._users = is_there, users
        self._is_believed: bool | None = None  # None: it has not been looked at

    def of_nobody(self, asked: Collection[str]) -> set[str]:
        """Those of them that no record of any module has; none where that cannot be told."""
        if not asked:
            return set()
        try:
            if self._is_believed is None:
                self._is_believed = self._shows_users()
            return {one for one in asked if not self._is_there(one)} if self._is_believed else set()
        except Refused:
            self._is_believed = False
            return set()

    def _shows_users(self) -> bool:
        known = next((user.email for user in self._users() if user.email), "")
        return bool(known) and self._is_there(known)
