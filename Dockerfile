# SPDX-License-Identifier: Apache-2.0
# docker build --target wheel -o dist .    the wheel alone, in dist/
# docker build -t tinyedge .               tinyedge with every emulator; the project is mounted at /project:
# docker run --rm -v "$PWD:/project" tinyedge test --board mps3-an547

# Has git, by which the wheel knows its commit.
FROM python:3.11-bookworm AS build
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.txt \
    && pip wheel -q --no-cache-dir --no-deps --no-build-isolation -w /dist .

FROM scratch AS wheel
COPY --from=build /dist/ /

FROM python:3.11-slim-bookworm
# Debian keeps one version of each in a release: there is none to choose.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc-xtensa-lx106 qemu-system-arm qemu-system-misc \
    && rm -rf /var/lib/apt/lists/*
COPY constraints.txt /tmp/
COPY --from=build /dist/ /tmp/dist/
RUN wheel=$(echo /tmp/dist/tinyedge-*.whl) \
    && pip install --no-cache-dir -c /tmp/constraints.txt "${wheel}[emulators,parquet,quantizer]" \
    && rm -r /tmp/dist /tmp/constraints.txt \
    && useradd --create-home tinyedge
USER tinyedge
ENV TINYEDGE_CACHE=/home/tinyedge/.cache/tinyedge
WORKDIR /project
ENTRYPOINT ["tinyedge"]
CMD ["--help"]
