"""What one attempt at a job has: its progress, retries, environment, and how it yields the CPU.

No kind of job lives here. Start at `attempt.py`.
"""
