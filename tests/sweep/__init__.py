"""Turns that are cancelled at every await point, in every way: what they leave behind."""
