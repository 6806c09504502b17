"""Purge: what holds a request's data, taken away by policy."""
