# docker build -t foghorn . && docker run -p 8080:8080 -v foghorn:/data -e FOGHORN_CONSOLE_TOKEN=... foghorn
# FOGHORN_CONSOLE_TOKEN is required here: it signs console sessions, and this container listens on every address.

FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /app
COPY requirements.lock .
RUN /app/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /app/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim
# The pictures of incidents in Slack and Discord need a font; fonts-noto-cjk adds Japanese. Backups of PostgreSQL need pg_dump.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 foghorn && install -d -o foghorn /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    FOGHORN_HOST=0.0.0.0 FOGHORN_PORT=8080 FOGHORN_DATABASE_URL=sqlite:////data/foghorn.db
WORKDIR /data
VOLUME /data
USER foghorn
EXPOSE 8080
HEALTHCHECK --start-period=20s --interval=10s --timeout=5s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"FOGHORN_PORT\"]}/healthz', timeout=4)"]
CMD ["foghorn", "run"]
