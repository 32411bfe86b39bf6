# Two stages: the first installs from the hashed lock, the second contains only Python and what was installed.
FROM python:3.13-slim AS build

WORKDIR /source
RUN python -m venv /opt/feedforward
COPY requirements.lock ./
RUN /opt/feedforward/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY feedforward feedforward
COPY models models
COPY service service
COPY migrations migrations
RUN /opt/feedforward/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/feedforward/bin/pip uninstall --yes setuptools pip \
    && find /opt/feedforward -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +


FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home --home-dir /data feedforward
COPY --from=build /opt/feedforward /opt/feedforward

ENV PATH=/opt/feedforward/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FEEDFORWARD_DATA=/data
USER feedforward
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]

# Bound to all addresses, it requires keys; docker-compose.yml shows where --insecure is appropriate.
CMD ["feedforward", "up", "--host", "0.0.0.0", "--port", "8000"]
