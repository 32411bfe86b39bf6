"""Export and import of versions over HTTP.

The files themselves are read and written in `service.transfer`. Start at `import_export.py`.
"""
