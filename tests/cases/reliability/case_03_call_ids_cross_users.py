"""The process's record of calls is keyed by the call's id alone: users meet in it.

A history without our metadata (a trip through OpenAI's message form) is continued by `RECORD.find(call_id)`
(_record.py:47, _messages/outputs.py:58-59). Where a deployment's call ids repeat, Ana's output goes to Ben's run and
Ana is given Ben's answer; and whoever names another user's call id is let into that user's conversation.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents[emulator]. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
logging.disable(logging.CRITICAL)
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage, convert_to_messages, convert_to_openai_messages
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

ID = "functions.get_weather:0"  # as some models number their calls

class Repeating(Service):
    def play(self, req, c, t, run, b):
        if req.path.endswith("submit_tool_outputs"):
            return super().play(req, c, t, run, b)
        run["status"] = "requires_action"
        call = {"id": ID, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
        run["required_action"] = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}
        c.sendall(STREAM_HEAD + chunk(sse([("thread.run.created", {**run, "status": "queued"}), ("thread.run.requires_action", run)])) + END)
    def route(self, req, path, c):
        parts = [x for x in path.split("/") if x]
        if parts[-1] == "submit_tool_outputs":
            run = self.runs[parts[3]]; run["status"] = "queued"
            self.words = [f"{m['content']}" for m in self.threads[parts[1]]["messages"]]
            return super().play(req, c, parts[1], run, req.json)
        return super().route(req, path, c)
    def respond(self, req, c):
        b = req.json; conv = b["conversation"]
        if any(x["type"] == "function_call_output" for x in b["input"]):
            self.words = [x["content"] for x in self.convs[conv] if x.get("role") == "user"]
            return super().respond(req, c)
        self.convs[conv] += b["input"]
        item = {"id": self.id("fc"), "type": "function_call", "call_id": ID, "name": "get_weather", "arguments": "{}", "status": "completed"}
        r = {"id": self.id("resp"), "object": "response", "status": "completed", "conversation": {"id": conv}, "metadata": b.get("metadata", {}), "output": [item]}
        self.responses[r["id"]] = r
        c.sendall(STREAM_HEAD + chunk(sse([("response.created", {"type": "response.created", "response": {**r, "status": "in_progress", "output": []}}), ("response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item}), ("response.completed", {"type": "response.completed", "response": r})])) + END)

for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    llm = ChatFoundryAgent(project_endpoint=RawServer(Repeating()).endpoint, max_retries=0, run_timeout=8, **fields)
    ana, ben = [HumanMessage("Ana, PIN 1111")], [HumanMessage("Ben, PIN 2222")]
    ana.append(llm.invoke(ana)); ben.append(llm.invoke(ben))
    ana.append(ToolMessage("sunny for Ana", tool_call_id=ana[1].tool_calls[0]["id"]))
    answer = llm.invoke(convert_to_messages(convert_to_openai_messages(ana)))
    expect("2222" not in answer.text, f"{list(fields)[0]}: call ids repeat: Ana is not given Ben's answer: {answer.text!r}")

for generation in ("classic", "new"):
    with FoundryEmulator() as emulator:
        def get_weather(city: str) -> str:
            "The weather."
        where = {"project_endpoint": emulator.project_endpoint}
        model = ChatFoundryAgent.create(name="w", model="gpt-4o", tools=[get_weather], **where) if generation == "new" else ChatFoundryAgent(agent_id=emulator.create_agent(name="w", instructions="x"), **where)
        llm = model.bind_tools([get_weather])
        call = llm.invoke('My PIN is 4711. Please call get_weather for "Paris".')
        id_ = call.tool_calls[0]["id"]
        mallory = [HumanMessage("hi"), AIMessage("", tool_calls=[{"name": "get_weather", "args": {}, "id": id_}]), ToolMessage("I say so", tool_call_id=id_)]
        mallory += [llm.invoke(mallory), HumanMessage("What did I ask?")]
        told = llm.invoke(mallory).text
        expect("4711" not in told, f"{generation}: whoever names Alice's call id does not read her conversation: {told!r}")

end()
