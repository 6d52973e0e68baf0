# One image for web, worker, beat and commands; docker-compose.yml says how each is started.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 VIRTUAL_ENV=/venv
COPY requirements-uv.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
 && python -m venv /venv \
 && uv pip sync --no-cache --compile-bytecode --require-hashes requirements.lock

# Named one by one, so that no .env, data folder or repository gets into an image.
COPY manage.py ./
COPY config config
COPY accounts accounts
COPY payments payments
COPY subscriptions subscriptions
COPY ai_features ai_features
COPY support_chat support_chat
# Only the names and hashes of static files are made here: the values stand in for those of a deploy.
RUN SIKA_ENV=production SECRET_KEY=build IDENTITY_HASH_KEY=build SIKA_PUBLIC_URL=https://build.invalid \
    ALLOWED_HOSTS=build.invalid DATABASE_URL=postgresql://build.invalid/build REDIS_URL=redis://build.invalid \
    PAYSTACK_SECRET_KEY=build OPENAI_API_KEY=build SELLER_TIN=build FIELD_ENCRYPTION_KEYS=build \
    /venv/bin/python manage.py collectstatic --noinput \
 && /venv/bin/python -m compileall -q config accounts payments subscriptions ai_features support_chat

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sika
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SIKA_ENV=production PORT=8000
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER sika
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", \
     "--workers", "2", "--blocking-threads", "32", "--workers-kill-timeout", "35", \
     "--respawn-failed-workers", "--log-level", "error", "config.wsgi:application"]
