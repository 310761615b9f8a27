"""One module a run. A run gathers through ports in batches, lets steps decide, and applies."""
