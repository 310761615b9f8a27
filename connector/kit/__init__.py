"""The kit for who writes an adapter: the suite that every platform passes, and a package to begin with."""
