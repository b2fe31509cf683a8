# qpoe with Qiskit and Cirq (docs/containers.md). The tags are exact; to pin by digest, put @sha256:… after them.

FROM node:24.21.0-bookworm-slim AS package
WORKDIR /source
COPY . .
# Nothing that is installed runs a script of its own: the compilers come as binaries.
RUN npm install --no-audit --no-fund --ignore-scripts
RUN mkdir /package && npm pack --pack-destination /package && mv /package/*.tgz /package/qpoe.tgz

FROM node:24.21.0-bookworm-slim
# Debian drops a version from its mirrors once the next is out: the release pins it, and a digest above would pin the rest.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends python3 python3-venv && \
    rm -rf /var/lib/apt/lists/*
COPY --from=package /package/qpoe.tgz /tmp/qpoe.tgz
RUN npm install --global --no-audit --no-fund --ignore-scripts --omit=optional /tmp/qpoe.tgz && \
    npm cache clean --force
# Whose files the records on a mounted folder are: give your own (`--build-arg UID=$(id -u)`) where it isn't 1000.
ARG UID=1000
RUN userdel --remove node && \
    useradd --create-home --uid "${UID}" qpoe && \
    install --directory --owner=qpoe --mode=0700 /keys /opt/qpoe && \
    install --directory --owner=qpoe /records
USER ${UID}
ENV QPOE_CACHE=/opt/qpoe QPOE_HOME=/keys QPOE_STORE=/records/.qpoe PIP_NO_CACHE_DIR=1
# The wheels of the committed locks, each by its hash.
RUN qpoe sdk install qiskit && qpoe sdk install cirq
WORKDIR /records
ENTRYPOINT ["qpoe"]
CMD ["--help"]
