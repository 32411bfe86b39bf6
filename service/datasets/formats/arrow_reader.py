"""Parquet and Arrow files, block by block; what their metadata claims is checked before it is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from models.data.codes import LARGEST_WHOLE
from service.datasets.formats.blocks import Block
from service.datasets.formats.csv_reader import check_cells
from service.datasets.formats.errors import TableError, unreadable
from service.datasets.formats.limits import Limits, check_column_count, check_names, table_too_large
from service.datasets.storage.uploads import is_of_disk, problem_of_disk

BLOCK_ROWS = 65_536
BYTES_OF_A_CELL = 8


def read_parquet(path: Path, limits: Limits) -> Iterator[Block]:
    """A Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            _check_claims(file.metadata, limits)
            _check_schema(file.schema_arrow, limits)
            n_read, n_rows = 0, file.metadata.num_rows
            for batch in file.iter_batches(batch_size=BLOCK_ROWS, use_threads=False):
                batch.validate(full=True)  # texts may not be UTF-8
                n_read += batch.num_rows
                yield _block_of(batch, n_read / n_rows)
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _problem_of(error, "Parquet") from None


def _check_claims(metadata: Any, limits: Limits) -> None:
    """Check the stated sizes: run-length encoding makes a billion equal values small until they are read."""
    check_column_count(metadata.num_columns, limits)
    stated = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    size = max(stated, metadata.num_rows * metadata.num_columns * BYTES_OF_A_CELL)
    if size > limits.table_bytes:
        raise table_too_large(size, limits)


def read_arrow(path: Path, limits: Limits) -> Iterator[Block]:
    """An Arrow stream or an Arrow file."""
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as file:
            for batch in _batches(path, file, limits):
                share = file.tell() / file.size()
                yield from (_block_of(piece, share) for piece in _slices(batch))
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _problem_of(error, "Arrow") from None


def _batches(path: Path, file: Any, limits: Limits) -> Iterator[Any]:
    from pyarrow import ipc

    with path.open("rb") as start:
        is_file = start.read(6) == b"ARROW1"
    reader = ipc.open_file(file) if is_file else ipc.open_stream(file)
    _check_schema(reader.schema, limits)
    size = 0
    for batch in (reader.get_batch(i) for i in range(reader.num_record_batches)) if is_file else reader:
        batch.validate(full=True)  # before anything else: even `nbytes` trusts the offsets
        size += max(batch.nbytes, batch.num_rows * batch.num_columns * BYTES_OF_A_CELL)
        if size > limits.table_bytes:
            raise table_too_large(size, limits)
        yield batch


def _slices(batch: Any) -> Iterator[Any]:
    for start in range(0, batch.num_rows, BLOCK_ROWS):
        yield batch.slice(start, BLOCK_ROWS)


def _check_schema(schema: Any, limits: Limits) -> None:
    check_names(schema.names, limits)
    for field in schema:
        if not _is_supported(field.type):
            message = (
                f"The column {field.name!r} is of type {field.type}; a column holds numbers, texts, booleans or dates."
            )
            raise TableError("column-type", message[:300])


def _is_supported(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_supported(kind.value_type)
    numbers = [types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null]
    texts = [types.is_string, types.is_large_string, types.is_string_view]
    return any(test(kind) for test in [*numbers, *texts, types.is_date, types.is_timestamp])


def _block_of(batch: Any, share: float) -> Block:
    columns = {field.name: plain(values) for field, values in zip(batch.schema, batch.columns, strict=True)}
    check_cells({name: values for name, values in columns.items() if _is_text(values.type)})
    return Block(columns, batch.num_rows, share, _index_columns(batch.schema))


def _index_columns(schema: Any) -> list[str]:
    """The columns that pandas wrote as the index of its table. Its other indexes are ranges, which are no columns."""
    try:
        described = orjson.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    except orjson.JSONDecodeError:
        return []
    named = described.get("index_columns") if type(described) is dict else None
    return [name for name in schema.names if type(named) is list and name in named]


def plain(values: Any) -> Any:
    """The array as float64, boolean, text or microseconds in UTC; whole numbers beyond 2^53 stay as they are."""
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_dictionary(kind):
        return plain(values.cast(kind.value_type))
    if types.is_date(kind) or types.is_timestamp(kind):
        return values.cast(pa.timestamp("us"), safe=False)
    if types.is_boolean(kind) or types.is_string(kind):
        return values
    if (types.is_integer(kind) or (types.is_decimal(kind) and kind.scale == 0)) and _hold_codes(values):
        return values
    if types.is_null(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return values.cast(pa.float64(), safe=False)
    return values.cast(pa.string())


def _hold_codes(values: Any) -> bool:
    """Whether some whole number is too large for float64 to hold exactly."""
    import pyarrow.compute as pc

    ends = pc.min_max(values).as_py()
    return ends["min"] is not None and max(-ends["min"], ends["max"]) > LARGEST_WHOLE


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind))


def _problem_of(error: Exception, name: str) -> Exception:
    """A damaged file is the caller's error; a disk that can't be read is not."""
    if isinstance(error, OSError) and is_of_disk(error):
        return problem_of_disk(error)
    return unreadable(
        f"The bytes can't be read as {name}: {str(error).splitlines()[0][:200] if str(error) else 'damaged'}"
    )
