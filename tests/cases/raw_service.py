"""A raw service of both generations on 127.0.0.1, for the cases of reliability."""
import faulthandler, logging, os, sys
faulthandler.dump_traceback_later(100, exit=True)  # it stops by itself
FAILED = []
def expect(good, what):
    print(("ok      " if good else "FAILED  ") + what, flush=True)
    if not good: FAILED.append(what)
def end():
    sys.stdout.flush(); os._exit(1 if FAILED else 0)

# ---- a raw service of both generations ----
import itertools, json, socket, threading, time
from urllib.parse import urlsplit, parse_qsl, unquote

class Req:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        p = urlsplit(target); self.path = p.path; self.query = dict(parse_qsl(p.query))
    @property
    def json(self):
        try: return json.loads(self.body or b"{}")
        except ValueError: return {}
    def __repr__(self): return f"{self.method} {self.target}"

def resp(status, obj=None, headers=(), body=None, reason="X"):
    if body is None: body = json.dumps(obj if obj is not None else {}).encode()
    h = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}"]
    if not any(k.lower()=="content-type" for k,_ in headers): h.append("Content-Type: application/json")
    h += [f"{k}: {v}" for k, v in headers]
    return "\r\n".join(h).encode("latin-1") + b"\r\n\r\n" + body

def sse(events):
    out=[]
    for name, data in events:
        out.append(f"event: {name}\ndata: {data if isinstance(data,str) else json.dumps(data)}\n\n")
    return "".join(out).encode()

STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
def chunk(b): return b"%x\r\n%s\r\n" % (len(b), b)
END = b"0\r\n\r\n"

class RawServer:
    def __init__(self, handler, host="127.0.0.1", tls=None):
        self.handler, self.tls = handler, tls
        fam = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(fam); self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, 0)); self.sock.listen(512)
        self.host, self.port = host, self.sock.getsockname()[1]
        self.log = []; self.conns = 0; self.open = set(); self.lock = threading.Lock(); self.closed=False
        threading.Thread(target=self._accept, daemon=True).start()
    @property
    def endpoint(self):
        h = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{h}:{self.port}/api/projects/p"
    def _accept(self):
        while not self.closed:
            try: c, _ = self.sock.accept()
            except OSError: return
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.conns += 1
            threading.Thread(target=self._serve, args=(c,), daemon=True).start()
    def _serve(self, c):
        with self.lock: self.open.add(c)
        try:
            if self.tls: c = self.tls.wrap_socket(c, server_side=True)
            f = c.makefile("rb")
            while True:
                r = self.read(f)
                if r is None: return
                r.conn = c
                with self.lock: self.log.append(r)
                out = self.handler(r, c)
                if out == "close": return
                if out: c.sendall(out)
        except (OSError, ValueError): pass
        finally:
            with self.lock: self.open.discard(c)
            try: c.close()
            except OSError: pass
    @staticmethod
    def read(f):
        line = f.readline()
        if not line: return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (l := f.readline()) not in (b"\r\n", b""):
            k, _, v = l.decode("latin-1").partition(":"); headers[k.strip().lower()] = v.strip()
        n = int(headers.get("content-length", 0) or 0)
        if headers.get("transfer-encoding","").lower()=="chunked":
            body=b""
            while True:
                size=int(f.readline().split(b";")[0],16)
                if size==0:
                    f.readline(); break
                body+=f.read(size); f.readline()
        else: body = f.read(n) if n else b""
        return Req(method, target, headers, body)
    def close(self):
        self.closed=True
        try: self.sock.shutdown(socket.SHUT_RDWR)
        except OSError: pass
        self.sock.close()

class Service:
    """A little service of both generations. words: pieces of answer."""
    def __init__(self, words=("Hello", " world"), delay=0.0, piece_delay=0.0):
        self.n = itertools.count(1); self.lock = threading.RLock()
        self.threads, self.runs, self.convs, self.responses = {}, {}, {}, {}
        self.cancelled=[]; self.deleted=[]
        self.words, self.delay, self.piece_delay = words, delay, piece_delay
        self.stop_after=None
    def id(self, p):
        return f"{p}_{next(self.n)}"
    def run_obj(self, r): return {k:v for k,v in r.items() if k!="_"}
    def __call__(self, req, c):
        path = req.path.split("/api/projects/p",1)[-1]
        return self.route(req, path, c)
    def route(self, req, path, c):
        p = [x for x in path.split("/") if x]; m=req.method
        if p[:2]==["openai","v1"]: return self.new(req,p[2:],c)
        if p==["threads","runs"] and m=="POST":
            return self.start(req,c,None)
        if p==["threads"] and m=="POST":
            t=self.new_thread(req.json.get("metadata"), req.json.get("messages",[])); return resp(200,{"id":t,"object":"thread","metadata":req.json.get("metadata",{})})
        if p==["threads"] and m=="GET":
            return resp(200,{"object":"list","data":[{"id":t,"object":"thread","metadata":v["metadata"]} for t,v in reversed(list(self.threads.items()))][:100],"has_more":False})
        if len(p)==2 and p[0]=="threads" and m=="DELETE":
            self.deleted.append(p[1]); self.threads.pop(p[1],None); return resp(200,{"id":p[1],"deleted":True})
        if len(p)==3 and p[0]=="threads" and p[2]=="runs":
            if p[1] not in self.threads: return resp(404,{"error":{"code":"not_found","message":f"No thread found with id '{p[1]}'."}})
            if m=="POST": return self.start(req,c,p[1])
            rs=[self.run_obj(r) for r in self.runs.values() if r["thread_id"]==p[1]]
            rs.reverse(); lim=int(req.query.get("limit",20)); return resp(200,{"object":"list","data":rs[:lim],"has_more":False})
        if len(p)==3 and p[2]=="messages":
            t=self.threads.get(p[1])
            if t is None: return resp(404,{"error":{"message":"no thread"}})
            if m=="POST":
                t["messages"].append(req.json); return resp(200,{"id":self.id("msg"),"object":"thread.message"})
            ms=[x for x in t["out"] if not req.query.get("run_id") or x["run_id"]==req.query["run_id"]]
            return resp(200,{"object":"list","data":ms,"has_more":False})
        if len(p)==4 and p[2]=="runs" and m=="GET":
            return resp(200,self.run_obj(self.runs[p[3]])) if p[3] in self.runs else resp(404,{"error":{"message":"no run"}})
        if len(p)==5 and p[4]=="cancel":
            r=self.runs.get(p[3])
            if not r: return resp(404,{"error":{"message":"no run"}})
            self.cancelled.append(p[3])
            if r["status"] in("queued","in_progress","requires_action"): r["status"]="cancelled"
            return resp(200,self.run_obj(r))
        if p[:1]==["assistants"]: return resp(200,{"id":p[1],"object":"assistant","tools":[]})
        return resp(404,{"error":{"code":"not_found","message":f"no {m} {path}"}})
    def new_thread(self, metadata=None, messages=()):
        t=self.id("thread"); self.threads[t]={"metadata":metadata or {},"messages":list(messages),"out":[]}; return t
    def start(self, req, c, t):
        b=req.json
        with self.lock:
            if t is None:
                th=b.get("thread",{}); t=self.new_thread(th.get("metadata"), th.get("messages",[]))
            else:
                busy=[r for r in self.runs.values() if r["thread_id"]==t and r["status"] in("queued","in_progress","requires_action")]
                if busy: return resp(400,{"error":{"code":"invalid","message":f"Thread {t} already has an active run {busy[0]['id']}."}})
                self.threads[t]["messages"]+=b.get("additional_messages",[])
            rid=self.id("run"); run={"id":rid,"object":"thread.run","thread_id":t,"assistant_id":b.get("assistant_id"),"status":"queued","metadata":b.get("metadata",{}),"tools":[],"usage":None}
            self.runs[rid]=run
        return self.play(req,c,t,run,b)
    def play(self, req, c, t, run, b):
        mid=self.id("msg"); text="".join(self.words)
        whole={"id":mid,"object":"thread.message","thread_id":t,"run_id":run["id"],"assistant_id":run["assistant_id"],"role":"assistant","status":"completed","content":[{"type":"text","text":{"value":text,"annotations":[]}}]}
        def done():
            if run["status"] in ("queued","in_progress"):
                run["status"]="completed"; run["usage"]={"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}
                self.threads[t]["out"].append(whole)
        if not b.get("stream"):
            if self.delay:
                threading.Timer(self.delay, done).start()
            else: done()
            return resp(200,self.run_obj(run))
        c.sendall(STREAM_HEAD)
        run["status"]="in_progress"
        c.sendall(chunk(sse([("thread.run.created",run),("thread.run.in_progress",run)])))
        if self.delay: time.sleep(self.delay)
        if self.piece_delay:
            for w in self.words:
                if run["status"]!="in_progress": return "close"
                try: c.sendall(chunk(sse([("thread.message.delta",{"id":mid,"object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":w}}]}})])))
                except OSError: pass
                time.sleep(self.piece_delay)
        else:
            c.sendall(chunk(sse([("thread.message.delta",{"id":mid,"object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":w}}]}}) for w in self.words])))
        done()
        c.sendall(chunk(sse([("thread.message.completed",whole),("thread.run.completed",run),("done","[DONE]")]))+END)
    # new generation
    def new(self, req, p, c):
        m=req.method
        if p==["conversations"] and m=="POST":
            i=self.id("conv"); self.convs[i]=[]; return resp(200,{"id":i,"object":"conversation","metadata":{}})
        if len(p)==2 and p[0]=="conversations" and m=="DELETE":
            self.deleted.append(p[1]); self.convs.pop(p[1],None); return resp(200,{"id":p[1],"deleted":True})
        if p==["responses"] and m=="GET":
            rs=[r for r in reversed(list(self.responses.values())) if not req.query.get("conversation_id") or (r.get("conversation")or{}).get("id")==req.query["conversation_id"]]
            return resp(200,{"object":"list","data":rs[:int(req.query.get("limit",20))],"has_more":False})
        if p==["responses"] and m=="POST": return self.respond(req,c)
        if len(p)==2 and p[0]=="responses" and m=="GET":
            r=self.responses.get(p[1]); return resp(200,r) if r else resp(404,{"error":{"code":"not_found","message":"no"}})
        if len(p)==3 and p[2]=="cancel":
            r=self.responses.get(p[1]); self.cancelled.append(p[1])
            if r and r["status"] in("queued","in_progress"): r["status"]="cancelled"
            return resp(200,r)
        return resp(404,{"error":{"code":"not_found","message":f"no {m} {p}"}})
    def respond(self, req, c):
        b=req.json; conv=b.get("conversation")
        if conv is not None and conv not in self.convs: return resp(404,{"error":{"code":"not_found","message":f"Conversation with id '{conv}' not found."}})
        rid=self.id("resp"); mid=self.id("msg"); text="".join(self.words)
        r={"id":rid,"object":"response","status":"in_progress","conversation":{"id":conv} if conv else None,"agent_reference":{"type":"agent_reference","name":"a","version":"1"},"metadata":b.get("metadata",{}),"background":bool(b.get("background")),"output":[],"usage":None}
        self.responses[rid]=r
        if conv: self.convs[conv]+=b["input"]
        item={"id":mid,"type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":text,"annotations":[]}]}
        def done():
            if r["status"]=="in_progress":
                r["status"]="completed"; r["output"]=[item]; r["usage"]={"input_tokens":1,"output_tokens":1,"total_tokens":2}
                if conv: self.convs[conv].append(item)
        if not b.get("stream"):
            done(); return resp(200,r)
        seq=itertools.count()
        def ev(kind,**d): return (kind,{"type":kind,"sequence_number":next(seq),**d})
        c.sendall(STREAM_HEAD)
        c.sendall(chunk(sse([ev("response.created",response=dict(r)),ev("response.output_item.added",output_index=0,item={**item,"content":[],"status":"in_progress"})])))
        if self.delay: time.sleep(self.delay)
        ds=[ev("response.output_text.delta",output_index=0,content_index=0,item_id=mid,delta=w) for w in self.words]
        if self.piece_delay:
            for d in ds:
                try: c.sendall(chunk(sse([d])))
                except OSError:
                    if not r["background"]:
                        r["status"]="cancelled"; raise
                time.sleep(self.piece_delay)
        else: c.sendall(chunk(sse(ds)))
        done()
        c.sendall(chunk(sse([ev("response.output_text.done",output_index=0,content_index=0,item_id=mid,text=text),ev("response.output_item.done",output_index=0,item=item),ev("response.completed",response=dict(r))]))+END)
