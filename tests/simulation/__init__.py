"""Many clients' turns on the emulator's pure state: virtual time, seeded chance, no sockets."""
