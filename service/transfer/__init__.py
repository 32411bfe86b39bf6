"""Versions on their way to another server and from one: the files, their contents, and which are rejected.

No HTTP lives here. `export.py` writes an export; `import_reader.py` reads an import, in a process with limited memory
and without the registry.
"""
