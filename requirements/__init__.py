"""The lock: which versions and files `make setup` installs, how they are chosen, and under which licences."""
