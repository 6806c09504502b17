"""`siu doctor`: whether everything that batches need is there and whole, and what to do where it isn't."""
