"""Parts of `benchmarks/registry.py`: a database filled with many models and versions."""
