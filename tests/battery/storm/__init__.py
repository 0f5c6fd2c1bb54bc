"""The whole core in one process and one thread: every step, fault and minute is drawn from one seed."""
