"""What `benchmarks/predict.py` measures: contestants that each serve the same small network, and the load on them."""
