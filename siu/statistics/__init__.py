"""Intervals, bounds and tests: what a measured number may be taken to say."""
