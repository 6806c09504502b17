"""What `siu` tells the shell."""

DONE = 0
BAD_INPUT = 2
QUARANTINED = 3
"""Some requests could not be served, or the release or runs of a study failed."""
FOUND_WRONG = 4
"""What was checked does not hold."""
INTERRUPTED = 130
TERMINATED = 143
"""By SIGTERM, as from a service manager; as by Ctrl-C, finished work is kept."""
