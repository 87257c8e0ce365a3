# The emulator as an image: docker build -t foundry-emulator . && docker run -p 8765:8765 foundry-emulator
# Add --tls /ca and a volume at /ca for official clients, which send tokens over TLS only.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY langchain_foundry_agents langchain_foundry_agents
COPY pytest_foundry_agents.py ./
COPY docs docs
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir ".[emulator-tls]"

FROM python:3.13-slim
COPY --from=build /venv /venv
RUN useradd --create-home emulator && mkdir /ca && chown emulator /ca
USER emulator
EXPOSE 8765
HEALTHCHECK --interval=2s --start-period=20s \
  CMD ["/venv/bin/python", "-c", "import socket; socket.create_connection(('localhost', 8765)).close()"]
ENTRYPOINT ["/venv/bin/foundry-agents", "emulator", "--host", "0.0.0.0", "--port", "8765"]
