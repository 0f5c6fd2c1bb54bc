"""Mails while the line breaks, the folder is renumbered and the daemon is killed: a few of them, each once."""

import pytest

from tests.battery.mails import Plan, fetched

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]


def test_every_mail_is_kept_and_lands_once_whatever_breaks() -> None:
    plan = Plan(mails=100, odd=6, breaks=4, kills=1, moved=True)

    assert fetched(plan, seed=1) == (0, 0, [])
