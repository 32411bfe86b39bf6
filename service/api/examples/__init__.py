"""Examples of requests and responses for the OpenAPI document. Data only.

Start at `iris.py`.
"""
