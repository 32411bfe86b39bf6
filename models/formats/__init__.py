"""Trained networks to files and back; each format's library is imported only when it is used.

No training and no registry lives here. Start with `safetensors.py`, the form in which versions are stored.
"""
