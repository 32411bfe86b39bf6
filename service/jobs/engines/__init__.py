"""What starts the workers: `embedded` in the process tree of `up`, `fleet` through procrastinate on PostgreSQL.

No rules of a job live here. Start at `embedded.py`.
"""
