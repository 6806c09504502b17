"""Worlds beside the embedded one: collections and models of the same form, from other parts."""
