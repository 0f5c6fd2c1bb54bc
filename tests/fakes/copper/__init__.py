"""A stateful Copper account on loopback: leads, people, opportunities, tasks, activities, users, custom fields.

    with FakeCopper(users=("anna@x.com",)) as fake:
        ...  # fake.url answers /developer_api/v1

`lag`: seconds until searches show what was made or changed; the upsert of leads and reads by id do at once, as Copper's
pages say. `per_minute`: calls in a minute; None: no limit. Where Copper's pages leave room, the fake takes the harder
reading: unknown attributes and wrong types are refused, one search of leads takes one address, a converted lead is gone
but for searches that ask for such.

As a process: see tests.fakes.process.
"""

from tests.fakes.copper.service import FakeCopper

__all__ = ["FakeCopper"]
