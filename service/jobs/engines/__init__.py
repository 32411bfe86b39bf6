"""What starts the trainers: `embedded` in the process tree of `up`, `fleet` through procrastinate on PostgreSQL."""
