"""Parts of `benchmarks/predict.py`: contestants that each serve the same small network, and the load on them."""
