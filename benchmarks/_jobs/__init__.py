"""Parts of `benchmarks/jobs.py`: queries against long queues, whole services, and procrastinate bare."""
