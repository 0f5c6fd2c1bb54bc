"""Prism as a judge that nobody here wrote: our HubSpot client and our fake HubSpot by HubSpot's own OpenAPI file.

First our client speaks to Prism as a mock, then Prism stands as a proxy between our client and our fake; in both it
reports every request, and in the second every answer, that is not as the specification says. `python -m tests.judge`
ends with `0 violations in N calls` and 0, with the list of violations and 1, or with NOT CHECKED and 3.
"""
