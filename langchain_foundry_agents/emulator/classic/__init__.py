"""The classic generation: agents, threads, messages, runs and run steps."""
