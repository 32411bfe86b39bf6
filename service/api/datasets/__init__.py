"""Datasets over HTTP: uploads, profiles, rows and content.

Files are read in `service.datasets`. Start at `datasets.py`.
"""
