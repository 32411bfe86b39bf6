"""The kinds of job, one a file: train, reproduce, evaluate, compare, batch_predict.

No queue and no process live here. Start at `train.py`.
"""
