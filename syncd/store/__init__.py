"""The only SQL. One function is one transaction is one fact."""
