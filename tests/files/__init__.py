"""Files as container engines write them, made for tests."""
