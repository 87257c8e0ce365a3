"""Official clients, as they are installed from PyPI, drive the emulator: operation by operation."""
