"""What a run has to do with the terminal: what is shown and kept quiet, signals, the machine's time zone."""
