"""Measurements: scripts to run, nothing to import elsewhere."""
