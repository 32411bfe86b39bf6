"""Feedforward: train, version and serve small neural networks over HTTP."""
