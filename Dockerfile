# The server alone: it finds its MongoDB by PROMPTGRAPH_MONGODB_URL. `docker compose up` brings one along.

FROM node:22-bookworm-slim AS graphiql
WORKDIR /graphiql
COPY graph/http/graphiql/package.json graph/http/graphiql/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY graph/http/graphiql/build.mjs ./
COPY graph/http/graphiql/src ./src
RUN npm run build

FROM python:3.11-slim-bookworm AS python
WORKDIR /source
COPY requirements.lock ./
# uv's own lines of the lock, with their hashes: it installs the rest.
RUN awk '/^uv==/ {found = 1} found {print; if (!/\\$/) exit}' requirements.lock > /tmp/uv.txt \
    && pip install --no-cache-dir --require-hashes -r /tmp/uv.txt
COPY pyproject.toml README.md ./
COPY graph ./graph
COPY search_sync ./search_sync
COPY --from=graphiql /graphiql/dist ./graph/http/graphiql/dist
# The lock constrains, so only what the server needs is installed, in the versions and with the hashes of the lock.
RUN uv venv --python /usr/local/bin/python /opt/promptgraph \
    && uv pip install --no-cache --python /opt/promptgraph/bin/python --compile-bytecode --verify-hashes \
        --constraints requirements.lock --build-constraints requirements.lock '.[redis]'

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin promptgraph
COPY --from=python /opt/promptgraph /opt/promptgraph
ENV PATH=/opt/promptgraph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PROMPTGRAPH_HOST=0.0.0.0 \
    PROMPTGRAPH_PORT=8080
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PROMPTGRAPH_PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["promptgraph"]
CMD ["serve"]
