"""Known vulnerabilities in what is locked, by pip-audit: a gate that cannot pass without having seen anything.

`python -m tests.audit` ends with 0 when every locked package was looked up and none is known to be vulnerable, with 1
when one is, and with 3 and NOT CHECKED when the advisories could not be reached, or were reached and told nothing even
of a version that is known to be bad.
"""
