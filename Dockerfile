# Two stages: the first installs, the second runs. Nothing is compiled: every dependency comes as a wheel.
FROM python:3.11.15-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

RUN python -m venv /opt/servanda
WORKDIR /build

COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY cli.py settings.py worker.py ./
COPY domain domain
COPY workflows workflows
COPY activities activities
COPY api api
COPY store store
COPY connectors connectors
COPY commands commands

# Without the extra `dev`: what runs, and nothing that tests it.
RUN /opt/servanda/bin/pip install -c constraints.txt '.[pdf]'


FROM python:3.11.15-slim-bookworm

# PYTHONTZPATH is empty so that time zones come from the pinned package tzdata, not from the image's Debian.
ENV PATH="/opt/servanda/bin:$PATH" \
    PYTHONTZPATH="" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

RUN groupadd --gid 10001 servanda \
    && useradd --uid 10001 --gid servanda --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin servanda

COPY --from=build /opt/servanda /opt/servanda

# An empty folder: settings are the container's environment, never a file that happens to lie here.
WORKDIR /srv/servanda
USER 10001:10001

EXPOSE 8000
CMD ["servanda", "--help"]
