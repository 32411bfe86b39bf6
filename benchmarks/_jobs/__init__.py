"""Parts of `benchmarks/jobs.py`: queries with long queues, whole services, and bare engines."""
