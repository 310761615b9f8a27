"""The platform in memory behind its adapter: how it behaves, and what it does with a request."""
