"""Requests as records: what is asked for, until when, and what people decide about it."""
