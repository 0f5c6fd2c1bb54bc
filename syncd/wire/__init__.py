"""What travels between a provider and us: requests, strict parsers, signatures and content keys."""
