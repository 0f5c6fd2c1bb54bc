"""The battery of faults: every run compares what was promised, what the CRM holds and what the store says."""
