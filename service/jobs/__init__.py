"""Jobs: the rules of the queue, the worker process that runs one job, and the engines that start it.

No HTTP and no SQL. Start at `queue.py`, then `worker/runner.py`.
"""
