"""The strategies, one file each; the file is named like the strategy."""
