"""A service on 127.0.0.1 that answers what a case says, for the cases of the service's failures."""
import contextlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from langchain_foundry_agents import ChatFoundryAgent


def js(value, status=200, **headers):
    kind = {"content-type": "application/json"}
    kind.update({name.replace("_", "-"): text for name, text in headers.items()})
    return status, kind, json.dumps(value).encode()


def sse(*events):
    """Events as server-sent events. `bytes` go out as they are."""
    out = b""
    for event in events:
        if isinstance(event, bytes):
            out += event
        else:
            data = json.dumps(event, ensure_ascii=False)
            out += f"event: {event['type']}\ndata: {data}\n\n".encode()
    return 200, {"content-type": "text/event-stream"}, out


@contextlib.contextmanager
def serve(answer):
    """answer(method, path, body, how_often_this_route_was_asked) -> (status, headers, bytes or pieces)"""
    log, counts, lock = [], {}, threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def _any(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                body = raw
            path = self.path.split("/api/projects/p", 1)[-1]
            route = self.command, path.split("?")[0]
            with lock:
                counts[route] = counts.get(route, 0) + 1
                log.append((self.command, path, body))
            status, headers, data = answer(self.command, path, body, counts[route])
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            if isinstance(data, bytes):
                self.send_header("content-length", str(len(data)))
            else:
                self.close_connection = True
                self.send_header("connection", "close")
            self.end_headers()
            for piece in [data] if isinstance(data, bytes) else data:
                self.wfile.write(piece)

        do_GET = do_POST = do_DELETE = do_PATCH = _any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/projects/p", log
    finally:
        server.shutdown()
        server.server_close()


def response(status="completed", output=(), id="resp_1", conv="conv_1", **more):
    used = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    return {
        "id": id, "object": "response", "created_at": 1, "status": status, "model": "gpt-4o",
        "output": list(output), "usage": used if status in ("completed", "incomplete") else None,
        "conversation": {"id": conv} if conv else None, "error": None,
        "incomplete_details": None, "metadata": {},
        "agent_reference": {"type": "agent_reference", "name": "a", "version": "1"}, **more,
    }


def message(text, id="msg_1", annotations=(), status="completed"):
    part = {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": []}
    return {"id": id, "type": "message", "role": "assistant", "status": status, "content": [part]}


def text_events(text, id="msg_1", place=0, pieces=None, annotations=()):
    """The events of one message; `numbered` gives them their sequence numbers."""
    where = {"output_index": place, "item_id": id, "content_index": 0}
    begun = {"id": id, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    empty = {"type": "output_text", "text": "", "annotations": []}
    whole = {"type": "output_text", "text": text, "annotations": list(annotations)}
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    yield {"type": "response.content_part.added", **where, "part": empty}
    for piece in pieces or [text[i : i + 4] for i in range(0, len(text), 4)]:
        yield {"type": "response.output_text.delta", **where, "delta": piece}
    yield {"type": "response.output_text.done", **where, "text": text}
    yield {"type": "response.content_part.done", **where, "part": whole}
    yield {"type": "response.output_item.done", "output_index": place,
           "item": message(text, id, annotations)}


def item_events(item, place=0):
    yield {"type": "response.output_item.added", "output_index": place, "item": item}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def begun(id="resp_1", conv="conv_1"):
    yield {"type": "response.created", "response": response("in_progress", id=id, conv=conv)}
    yield {"type": "response.in_progress", "response": response("in_progress", id=id, conv=conv)}


def ended(*output, kind="completed", **more):
    return {"type": f"response.{kind}", "response": response(kind, output, **more)}


def numbered(events, start=0):
    return [{**event, "sequence_number": n} for n, event in enumerate(events, start)]


def answer_of(text="Fine.", id="resp_1", conv="conv_1"):
    """A whole, ordinary stream."""
    return sse(*numbered([*begun(id, conv), *text_events(text),
                          ended(message(text), id=id, conv=conv)]))


def new_agent(on_response, extra=None):
    """A project with conversations; `on_response(body, n)` answers POST /responses."""

    def answer(method, path, body, n):
        route = path.split("?")[0]
        if extra and (given := extra(method, path, body, n)):
            return given
        if method == "POST" and route.endswith("/conversations"):
            return js({"id": f"conv_{n}", "object": "conversation", "created_at": 1, "metadata": {}})
        if method == "POST" and route.endswith("/responses"):
            return on_response(body, n)
        if method == "GET" and route.endswith("/responses"):
            return js({"object": "list", "data": [], "has_more": False})
        return js({"error": {"code": "not_found", "message": f"no {method} {path}"}}, 404)

    return answer


def agent(endpoint, **fields):
    fields = {"max_retries": 0, "credential": "token", "run_timeout": 20, **fields}
    return ChatFoundryAgent(agent_name="a", project_endpoint=endpoint, **fields)


def asked(log):
    """How often a response was asked for."""
    return sum(method == "POST" and path.split("?")[0].endswith("/responses") for method, path, _ in log)


def whole(chunks):
    total = None
    for chunk in chunks:
        total = chunk if total is None else total + chunk
    return total


def tried(call):
    """What a call gives, or the error that it raises."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001
        return error


def told(result):
    if isinstance(result, Exception):
        facts = {name: getattr(result, name, None) for name in ("code", "is_retryable", "retry_after")}
        return f"{type(result).__name__} {facts}: {str(result)[:230]}"
    return repr(result)


WRONG = []


def check(what, good, seen=""):
    print(("ok     " if good else "WRONG  ") + what + (f"\n         {seen}" if seen != "" else ""))
    if not good:
        WRONG.append(what)


def finish():
    print(f"\n{len(WRONG)} of the checks failed." if WRONG else "\nAll checks passed.")
    sys.exit(1 if WRONG else 0)
