# syntax=docker/dockerfile:1
# Folkmoot as one image, for web and workers alike. Build it in the project's folder: docker build -t folkmoot .
# Each machine's own pip and npm settings decide where packages come from; the lock files hold their hashes.

FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/fonts.mjs scripts/
RUN npm ci --omit=dev --ignore-scripts --loglevel=error && node scripts/fonts.mjs

FROM python:3.12-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements-server.lock ./
RUN /venv/bin/pip install --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /venv/bin/pip install --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 folkmoot \
    && useradd --uid 10001 --gid folkmoot --home-dir /data --no-create-home --shell /usr/sbin/nologin folkmoot \
    && install --directory --owner folkmoot --group folkmoot --mode 0750 /data /backups
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 FOLKMOOT_DATA_DIR=/data FOLKMOOT_LOG_FORMAT=json
# The working folder holds package.json and node_modules, from which the browser assets are collected.
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=assets /app/node_modules node_modules
COPY package.json ./
USER folkmoot
VOLUME ["/data", "/backups"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["sh", "-c", "folkmoot init && exec folkmoot serve --host 0.0.0.0 --port 8000"]
