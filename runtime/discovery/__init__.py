"""Finding the host's containers by reading what its OCI runtimes leave on disk."""
