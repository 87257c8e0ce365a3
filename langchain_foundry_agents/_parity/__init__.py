"""The emulator beside the real service: what is known of the wire, asked of both, and compared.

`evidence` says what is known and from where, `case` holds the questions, `play` asks them of any
endpoint, `masks` leaves out what differs by nature or is nobody's business, `compare` says the
rest.
"""
