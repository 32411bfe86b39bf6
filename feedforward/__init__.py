"""Feedforward: train, version and serve small neural networks over HTTP.

This package holds the command line and the processes that it starts, no rules of the service. Start with
`command_line/up.py`, then `processes/process_tree.py`.
"""
