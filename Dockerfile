# One image for API, workers and jobs: `docker build -t servanda .`
FROM python:3.11.9-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY cli.py settings.py worker.py ./
COPY activities activities
COPY api api
COPY commands commands
COPY connectors connectors
COPY domain domain
COPY store store
COPY workflows workflows
RUN python -m venv /opt/servanda && /opt/servanda/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.11.9-slim-bookworm
# An empty path makes the pinned tzdata wheel the only time-zone database, whatever the image carries.
ENV PATH=/opt/servanda/bin:$PATH PYTHONTZPATH="" PYTHONUNBUFFERED=1 SERVANDA_DATA_DIR=/var/lib/servanda
RUN useradd --system --uid 10001 --home-dir /var/lib/servanda --create-home servanda
COPY --from=build /opt/servanda /opt/servanda
USER servanda
WORKDIR /var/lib/servanda
ENTRYPOINT ["servanda"]
CMD ["--help"]
