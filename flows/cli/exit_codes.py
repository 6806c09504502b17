"""What `siu` tells the shell."""

DONE = 0
BAD_INPUT = 2
INCOMPLETE = 3
"""Some requests could not be served or rows not taken, the release or runs of a study failed, a copy differs,
or somebody should look (`siu doctor`)."""
FOUND_WRONG = 4
"""What was checked does not hold: the measurements (`siu bench self-check`), the machine (`siu doctor`)."""
INTERRUPTED = 130
TERMINATED = 143
"""By SIGTERM, as from a service manager; as by Ctrl-C, finished work is kept."""
