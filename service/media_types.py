"""The media types that requests and responses carry, each written once."""

from __future__ import annotations

ARROW_STREAM = "application/vnd.apache.arrow.stream"
ARROW_FILE = "application/vnd.apache.arrow.file"
CSV = "text/csv"
EVENT_STREAM = "text/event-stream"
FORM = "multipart/form-data"
JSON = "application/json"
MARKDOWN = "text/markdown"
NDJSON = "application/x-ndjson"
NPZ = "application/vnd.numpy.npz"
OCTET_STREAM = "application/octet-stream"
ONNX = "application/onnx"
PARQUET = "application/vnd.apache.parquet"
PLAIN_TEXT = "text/plain"
PROBLEM = "application/problem+json"
PYTHON = "text/x-python"
SAFETENSORS = "application/vnd.safetensors"
ZIP = "application/zip"

# CSV with other separators is sent under other names too; what the separator is, the file itself shows.
CSV_NAMES = (CSV, "application/csv", "text/tab-separated-values")
# NDJSON is not registered with IANA, so clients send it under several names.
NDJSON_NAMES = (NDJSON, "application/ndjson", "application/jsonl")
# The media type under which a dataset of each format is uploaded and downloaded.
OF_DATASETS = {"csv": CSV, "parquet": PARQUET, "ndjson": NDJSON, "json": JSON, "arrow": ARROW_STREAM}
