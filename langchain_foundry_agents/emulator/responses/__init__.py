"""The new generation: agents by name and version, conversations, responses."""
