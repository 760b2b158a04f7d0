# The service in one image. Two stages: what is needed to install stays in the first. The locked packages, then
# the project; no compiler, no index at run time.
FROM python:3.12-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/cds
COPY requirements.lock ./
RUN /opt/cds/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY cds_service ./cds_service
# Byte code is made now: the first start would otherwise pay for it.
RUN /opt/cds/bin/pip install --no-deps --no-build-isolation --no-index . \
  && /opt/cds/bin/python -m compileall -q /opt/cds/lib

FROM python:3.12-slim

COPY --from=build /opt/cds /opt/cds
# The number is fixed, so that file permissions outside can name it.
RUN useradd --system --uid 10001 --no-create-home cds
USER 10001
WORKDIR /tmp
ENV PATH=/opt/cds/bin:$PATH PYTHONUNBUFFERED=1 CDS_HOST=0.0.0.0 CDS_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["cds-service", "serve"]
