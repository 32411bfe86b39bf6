"""Jobs: the rules of the queue, the trainer that runs one job in a process of its own, and the engines that start it.

No HTTP and no SQL. Start at `queue.py`, then `trainer.py`.
"""
