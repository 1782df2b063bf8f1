# The bot in a container; deploy/compose.yaml runs it with PostgreSQL, `make image-check` tries these steps without an engine.
#   docker build -t careerbot .
#   docker run --init --read-only --tmpfs /tmp --volume careerbot:/data --env-file .env careerbot
# An .env made from .env.example must not set CAREERBOT_HOST and CAREERBOT_DATA_DIR empty: that undoes what is set below.
# Own knowledge: --volume ./knowledge:/knowledge:ro --env CAREERBOT_FAQ=/knowledge/faq.yaml
FROM python:3.13-slim AS wheel
WORKDIR /src
COPY . .
RUN sh deploy/build-wheel.sh /wheels

FROM python:3.13-slim AS installed
WORKDIR /src
COPY deploy/install-libraries.sh deploy/requirements.txt deploy/
RUN sh deploy/install-libraries.sh /opt/careerbot
COPY deploy/install-careerbot.sh deploy/
COPY --from=wheel /wheels /wheels
RUN sh deploy/install-careerbot.sh /opt/careerbot /wheels

FROM python:3.13-slim
LABEL org.opencontainers.image.title="careerbot" \
      org.opencontainers.image.description="Answers career questions from a curated knowledge base, and says so when it does not know." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin careerbot \
    && install -d -o careerbot -g careerbot -m 0700 /data
COPY --from=installed /opt/careerbot /opt/careerbot
ENV PATH=/opt/careerbot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    CAREERBOT_DATA_DIR=/data \
    CAREERBOT_HOST=0.0.0.0
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Whether the process lives, not whether it is ready: engines that act on this restart the bot, and that mends no platform that is down.
# Learning other knowledge than the shipped takes half a minute and more at the first start.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 CMD ["python", "-SBc", "import http.client, os, sys; c = http.client.HTTPConnection('localhost', int(os.environ.get('CAREERBOT_PORT') or 8080), timeout=3); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["careerbot"]
CMD ["serve"]
