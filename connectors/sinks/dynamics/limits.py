"""Requests of one user in five minutes; a batch is one of them.

https://learn.microsoft.com/power-apps/developer/data-platform/api-limits

What is left is told with every answer, of one web server of several: it is no figure to plan by. Time of execution is
limited as well (20 minutes in five), and requests at the same time (52): `workers` and the size of batches keep below.
"""

from datetime import timedelta

from syncd.connector import Allowance

WINDOW = timedelta(minutes=5)
REQUESTS = 6_000
PAUSE = timedelta(seconds=30)  # a refusal that does not say how long
USUAL = Allowance(REQUESTS, WINDOW)
