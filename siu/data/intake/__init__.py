"""What comes in from a user: requests, names, tables, folders of pictures; checked before anything starts."""
