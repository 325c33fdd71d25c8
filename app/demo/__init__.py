"""Small containers made without an image: the demo container, and those of the tests.

Nothing is downloaded: the root filesystem is busybox's, or the host's own /usr read-only.
"""
