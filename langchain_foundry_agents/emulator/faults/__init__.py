"""Faults of the service by name: what they do to requests, to work and to bytes."""
