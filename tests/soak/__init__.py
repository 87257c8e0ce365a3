"""Thousands of turns over real sockets, many at a time, with faults."""
