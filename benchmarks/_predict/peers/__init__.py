"""Other servers of the same network, each in its documented way and in an environment of its own."""
