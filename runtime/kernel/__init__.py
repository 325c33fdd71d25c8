"""System calls and /proc, one family a module; the operating system's errors end here."""
