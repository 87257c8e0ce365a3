"""A reader that goes away leaves a new agent's conversation locked for ever.

Starlette (FastAPI) cancels a StreamingResponse by anyio, which cancels again until the task has ended. The second
cancellation meets `await world.close()` in the driver's `finally`, and `world.let_go()` is never reached
(_drive.py:135-137, _transport/farewells.py:27-28). All later turns of this conversation in the process wait for
run_timeout (600 s by default) and fail.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents[emulator] (uvicorn, starlette). Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
logging.disable(logging.CRITICAL)
import anyio, httpx, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from langchain_foundry_agents import ChatFoundryAgent

for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    service = Service(words=["word "] * 40, piece_delay=0.03)
    llm = ChatFoundryAgent(project_endpoint=RawServer(service).endpoint, run_timeout=6, **fields)

    async def start(request):
        return PlainTextResponse((await llm.ainvoke("hello")).response_metadata["thread_id"])

    async def ask(request):
        async def text():
            async for chunk in llm.astream("question", thread_id=request.query_params["t"]):
                yield chunk.text
        return StreamingResponse(text())

    async def whole(request):
        with anyio.move_on_after(0.3):
            await llm.ainvoke("question", thread_id=request.query_params["t"])
        return PlainTextResponse("too late")

    app = Starlette(routes=[Route("/start", start), Route("/ask", ask), Route("/whole", whole)])
    listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True).start()
    time.sleep(0.5)
    for way in ("a browser that goes away", "anyio.move_on_after around ainvoke"):
        thread = httpx.get(f"{url}/start", timeout=30).text
        if way.startswith("a browser"):
            with httpx.stream("GET", f"{url}/ask?t={thread}", timeout=30) as reading:
                for number, _ in enumerate(reading.iter_text()):
                    if number == 3:
                        break
        else:
            httpx.get(f"{url}/whole?t={thread}", timeout=30)
        time.sleep(1)
        began = time.time()
        try:
            told = httpx.get(f"{url}/ask?t={thread}", timeout=30).text
        except httpx.HTTPError as error:
            told = ""
        expect(told.startswith("word"), f"{list(fields)[0]}: after {way} the next question is answered ({time.time() - began:.1f} s)")
    server.should_exit = True

end()
