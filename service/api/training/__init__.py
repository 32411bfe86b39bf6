"""POST /train and what trains again: retrain, reproduce, evaluate and batch of a version.

The rules of the queue are in `service.jobs`. Start at `train.py`.
"""
