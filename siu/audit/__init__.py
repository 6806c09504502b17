"""What can be proved afterwards: the ledger of what happened to each request."""
