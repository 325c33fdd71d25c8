"""Real container engines, each in a folder of its own, for tests and benchmarks."""
