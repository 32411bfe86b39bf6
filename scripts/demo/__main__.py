"""`make demo`: trains on iris flowers over HTTP on a fresh service, and predicts three held-out flowers.

The service runs until Ctrl-C, or with DEMO_EXIT=1 stops by itself. Without a terminal the output is plain lines.
Read `running.py` for how the service starts and ends, `calls.py` for the HTTP calls, `showing.py` for the output.
"""

import os
import signal
import tempfile
from pathlib import Path

import calls
import iris
import showing
from running import running_service


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="feedforward-demo-") as folder:
        try:
            run(Path(folder))
        except KeyboardInterrupt:
            showing.say("\nStopped.")
        except (calls.RequestFailed, ChildProcessError) as error:
            raise SystemExit(str(error)) from error


def run(folder: Path) -> None:
    training, flowers = iris.split()
    with running_service(folder) as service:
        showing.say(f"Feedforward runs at {service.address}, on a fresh database.\n")
        with calls.client(service.address) as http:
            job = showing.follow(http, calls.train(http, training))
            showing.show_curve(job, calls.curve(http, job))
            by_number = calls.predict(http, job["version"], flowers)
            by_alias = calls.predict(http, "production", flowers)
        showing.show_predictions(flowers, by_number, by_alias)
        showing.show_next_steps(service.address, flowers[0])
        if os.environ.get("DEMO_EXIT") != "1":
            showing.say("\nIt runs until you press Ctrl-C, and its data goes with it; `make run` keeps its data.")
            service.wait()


if __name__ == "__main__":
    main()
