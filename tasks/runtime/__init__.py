"""Where the work of a stage runs: worker processes, models in their memory, the code that counts."""
