"""While `emulator --record` runs, everybody who reaches the port asks the real project with the developer's identity.

The gate asks for a token that is public (emulator/recording/gate.py:46-51, service.py:44) and looks at no Host header:
a web page after DNS rebinding, or any local user, passes. The path is passed on as it is (gate.py:52, upstream.py:65-67):
`..` leads to other projects of the resource, and with an upstream without a path `@host` leads to another host, with
the key.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents[emulator]. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import tempfile
from langchain_foundry_agents.emulator.recording.recorder import FoundryRecorder
def keeping(seen): return lambda req, c: (seen.append((req.path, req.headers.get("authorization"), req.headers.get("api-key"))), resp(200, {"data": []}))[1]
def raw(port, path, host):
    s = socket.create_connection(("127.0.0.1", port)); s.settimeout(5)
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nAuthorization: Bearer foundry-emulator\r\n\r\n".encode())
    try: return s.recv(4096)
    except OSError: return b""
    finally: s.close()
real, evil = [], []
up, other = RawServer(keeping(real)), RawServer(keeping(evil))
with FoundryRecorder(up.endpoint, tempfile.mktemp(), authorize=lambda: {"Authorization": "Bearer REAL"}) as recorder:
    port = int(recorder.project_endpoint.split(":")[2].split("/")[0])
    raw(port, "/api/projects/emulator/threads?api-version=v1", f"evil.example:{port}")
    expect(not real, f"a request whose Host is evil.example does not reach the real project: {real}"); real.clear()
    raw(port, "/api/projects/emulator/../../projects/OTHER/threads", "127.0.0.1"); time.sleep(0.2)
    outside = [one for one in real if not one[0].startswith("/api/projects/p/")]
    expect(not outside, f"no path leaves the project: {outside}")
with FoundryRecorder(f"http://127.0.0.1:{up.port}", tempfile.mktemp(), authorize=lambda: {"api-key": "REAL-KEY"}) as recorder:
    port = int(recorder.project_endpoint.split(":")[2].split("/")[0])
    raw(port, f"/api/projects/emulator@127.0.0.1:{other.port}/x", "127.0.0.1"); time.sleep(0.2)
    expect(not evil, f"no other host is sent the key: {evil}")

end()
