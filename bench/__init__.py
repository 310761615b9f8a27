"""Benchmarks: whole processes, as ratios against a straight script in the same run."""
