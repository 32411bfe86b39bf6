"""The words between a supervisor and its worker processes, one a line; any other order is a job's id."""

HAND_BACK = "hand back"
READY = "ready"
DONE = "done"

# The exit code of a worker that could not write to the database for long: no fault of its job (sysexits.h).
TEMPORARY_FAILURE = 75
