"""The roof: a bare ASGI application that returns a constant, on the same server and settings as ours."""

import sys

import uvicorn

ANSWER = (
    b'{"model":"iris","version":1,"predictions":[{"label":"setosa","probabilities":{"setosa":0.9974198341369629,'
    b'"versicolor":0.0025713404174894094,"virginica":8.849986443237867e-6}}],"warnings":[]}'
)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


uvicorn.run(
    answer,
    port=int(sys.argv[1]),
    http="httptools",
    loop="uvloop",
    lifespan="off",
    access_log=False,
    server_header=False,
    log_level="warning",
)
