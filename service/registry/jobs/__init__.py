"""The tables of jobs: guarded changes of state, the queue, events, progress and pruning.

No rules of the queue live here (`service.jobs`). Start at `jobs.py`, then `queue.py`.
"""
