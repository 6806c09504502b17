"""Requests that come one after another: what lasts of the earlier ones (`python -m benchmarks.sequences`)."""
