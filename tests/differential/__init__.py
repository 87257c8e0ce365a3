"""The same programs through ChatOpenAI and through ChatFoundryAgent, with the same brain."""
