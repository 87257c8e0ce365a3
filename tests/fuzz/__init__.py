"""Any bytes for what reads the service: the end is a value or our error, and it comes."""
