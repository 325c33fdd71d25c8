"""Small programs that go on when we end, run by their paths, with the standard library only."""
