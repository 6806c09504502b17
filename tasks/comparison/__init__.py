"""Runs of a study in a workspace, and its tables."""
