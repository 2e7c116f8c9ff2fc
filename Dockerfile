# BigLedger in one container: API, sockets, worker and clock under `manage.py up`. Without DATABASE_URL the
# embedded PostgreSQL runs inside it as well and keeps its books in the volume.
FROM python:3.11-slim

# initdb refuses a user without an entry in the password file, and PostgreSQL refuses root.
RUN useradd --create-home --uid 10001 --shell /usr/sbin/nologin bigledger \
    && install -d -o bigledger -g bigledger -m 0700 /var/lib/bigledger-home

WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# Before the code, so that a change of code does not install everything again.
COPY requirements.txt .
RUN pip install -r requirements.txt

# What runs, by name: neither a developer's .venv nor the secrets in .bigledger can slip in.
COPY manage.py ./
COPY bigledger bigledger
COPY ledger ledger
COPY customers customers
COPY invoicing invoicing
COPY webhooks webhooks
COPY dashboard dashboard

ENV HOST=0.0.0.0 \
    PORT=8000 \
    WS_PORT=8001 \
    BIGLEDGER_HOME=/var/lib/bigledger-home
USER bigledger
VOLUME /var/lib/bigledger-home
EXPOSE 8000 8001

# 127.0.0.1 has to be among ALLOWED_HOSTS, as it is by default in the sandbox.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=2)"]

# The supervisor stops its children on SIGTERM and gives them 15 seconds: run with `docker stop --time 20`.
CMD ["python", "manage.py", "up"]
