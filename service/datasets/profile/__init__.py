"""Profiles of datasets: types of columns, statistics, histograms, a preview and a reference sample.

One pass over the blocks of a file. Start at `profile.py`.
"""
