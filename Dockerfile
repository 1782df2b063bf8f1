# The bot in a container: docker build -t careerbot . && docker run -it careerbot
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir /wheels/*.whl \
    && useradd --create-home careerbot
USER careerbot
ENTRYPOINT ["careerbot"]
CMD ["chat"]
