"""Which members request bodies may have: Microsoft's and OpenAI's own types, as data."""
