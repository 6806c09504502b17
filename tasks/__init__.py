"""Thin tasks around the method: all side effects (files, MLflow, DVC) happen here."""
