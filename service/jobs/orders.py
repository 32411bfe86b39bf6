"""The words between a supervisor and its trainer processes, one a line; an order that is none of them is a job's id."""

HAND_BACK = "hand back"
READY = "ready"
DONE = "done"
