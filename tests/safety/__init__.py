"""What must never happen: secrets in texts, full memories, tokens that stray, loops left open."""
