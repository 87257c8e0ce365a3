"""`foundry-agents ask` and `chat` write what the agent says to the terminal as it is.

cli/answers.py:33-36 and cli/printing.py:21-24 pass control characters on: OSC 52 writes the clipboard, OSC 0 the
title, CSI clears the screen. Error texts (cli, logs) hold the service's control characters and line breaks too
(_flow/failures.py:62). `show` and `threads list` clean theirs.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import pty, select
evil = "safe\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIH4=\x07\x1b[2J\x9b31m\u202eabc"
def run(endpoint, *args):
    env = {**os.environ, "AZURE_AI_PROJECT_ENDPOINT": endpoint, "AZURE_AI_AGENT_ID": "asst_1", "TERM": "dumb"}
    pid, fd = pty.fork()
    if pid == 0: os.execve(sys.executable, [sys.executable, "-m", "langchain_foundry_agents.cli", *args], env)
    out, until = b"", time.time() + 30
    while time.time() < until:
        if select.select([fd], [], [], 0.5)[0]:
            try: piece = os.read(fd, 65536)
            except OSError: break
            if not piece: break
            out += piece
    os.waitpid(pid, 0); return out.decode("utf-8", "replace")
said = RawServer(Service(words=(evil,))).endpoint
refused = RawServer(lambda req, c: resp(400, {"error": {"message": "bad \x1b]0;owned\x07\nWARNING a forged line"}})).endpoint
for args in (("ask", "hello"), ("chat", "hello")):
    out = run(said, *args)
    expect("safe" in out and "\x1b]" not in out and "\x1b[2J" not in out and "\u202e" not in out, f"{args[0]}: no control sequence of the agent's reaches the terminal: {out[:60]!r}")
out = run(refused, "ask", "hello")
expect("\x1b]" not in out and "\nWARNING" not in out.replace("\r", ""), f"nor does one of an error's text: {out[:90]!r}")

end()
