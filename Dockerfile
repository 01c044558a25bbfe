# One image for the page, the worker of the flows, MLflow and Prefect: all of them stand in the hashed requirements.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /app
COPY requirements/run.txt requirements/
RUN /app/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY flows flows
COPY src src
RUN /app/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# libgomp1: the learners ask for the runtime of OpenMP
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /srv/segment segment \
    && mkdir /srv/mlflow /srv/prefect \
    && chown segment: /srv/mlflow /srv/prefect
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OMP_WAIT_POLICY=passive \
    MLFLOW_DISABLE_TELEMETRY=true \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    SEGMENT_WORKSPACE=/srv/segment/workspace
USER segment
WORKDIR /srv/segment
EXPOSE 8765
CMD ["segment", "serve"]
