"""What `siu` gives to a program: load, forget, ask, evaluate, attack (docs/reference/python.md)."""
