"""Protocols, sans-IO: bytes in, events out; nothing here opens, reads, sleeps or asks the time."""
