"""The OpenAPI document: what the framework derives, completed and corrected.

No endpoint lives here. Start at `document.py`.
"""
