"""DVC: what is committed of a batch, and the metrics that it compares."""
