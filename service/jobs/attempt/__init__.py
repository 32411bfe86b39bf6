"""One attempt at a job: its progress, retries and environment, and how it yields the CPU.

No kind of job lives here. Start at `attempt.py`.
"""
