# The command `siu` with everything from the hashed lock; a checkout is all it needs:
#   docker build -t siu . && docker run --rm -v "$PWD/my-workspace:/workspace" siu batch
# Without a GPU, --build-arg TORCH_INDEX=URL-OF-THE-CPU-BUILDS does without CUDA (docs/start/install.md).
FROM python:3.11-slim-bookworm AS build
ARG TORCH_INDEX=
WORKDIR /src
COPY requirements requirements
COPY pyproject.toml README.md LICENSE ./
COPY siu siu
COPY tasks tasks
COPY flows flows
RUN python -m venv /opt/siu \
    && if [ -n "$TORCH_INDEX" ]; then \
        /opt/siu/bin/pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" \
            "$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements/torch.txt)"; \
    fi \
    && /opt/siu/bin/python requirements/install.py --no-editable run \
    && /opt/siu/bin/python -m compileall -q -j 0 /opt/siu/lib

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git=1:2.* \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 siu \
    && install --directory --owner=siu /workspace
COPY --from=build /opt/siu /opt/siu
ENV PATH=/opt/siu/bin:$PATH OMP_NUM_THREADS=1 HF_HUB_DISABLE_TELEMETRY=1 DO_NOT_TRACK=1
USER 1000
WORKDIR /workspace
ENTRYPOINT ["siu"]
CMD ["--help"]
