"""What answers in the place of a model: the default brain with its skills, and scripts."""
