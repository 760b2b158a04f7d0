# The service in one image: the locked packages, then the project; no compiler, no index at run time.
FROM python:3.12-slim

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY cds_service ./cds_service
# Byte code is made now: the first start would otherwise pay for it.
RUN pip install --no-deps --no-build-isolation --no-index . && python -m compileall -q /usr/local/lib

RUN useradd --system --no-create-home cds
USER cds
ENV CDS_HOST=0.0.0.0 CDS_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
CMD ["cds-service", "serve"]
