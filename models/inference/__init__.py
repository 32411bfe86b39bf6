"""A trained network in use: predictions from raw values, calibration, intervals and explanations.

Nothing here trains. Start with `trained_network.py`.
"""
