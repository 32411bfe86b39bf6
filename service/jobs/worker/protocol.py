"""The words between a supervisor and its trainer processes, one a line; an order that is none of them is a job's id."""

HAND_BACK = "hand back"
READY = "ready"
DONE = "done"

# The exit code of a trainer that could not write to the database for long: no fault of the job it held (sysexits.h).
TEMPORARY_FAILURE = 75
