"""The same scenarios through other clients and through ours, on the same emulator."""
