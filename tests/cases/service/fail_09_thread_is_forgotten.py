"""FAIL 9. Where a response does not repeat its conversation, the answer has no thread_id, and each turn
begins a new conversation.

Reports: https://github.com/microsoft-foundry/new-foundry-portal/issues/102 (hosted agent:
`"conversation": null` in the response), https://github.com/microsoft/agent-framework/issues/2935 and
https://github.com/microsoft/agent-framework/issues/4752 (the conversation is lost for the resp_ id).
Symptom: the answer does not name the conversation that it was given in; clients lose it.
Expected: the client created (or was told) the conversation and knows its id: response_metadata["thread_id"]
is it, the next turn goes on there and sends one new message. Also where `conversation` is a plain string.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import HumanMessage


def forgetful(how):
    def on(body, n):
        def one(status, output=()):
            made = response(status, output, id=f"resp_{n}", conv=None)
            if how == "absent":
                del made["conversation"]
            elif how == "a string":
                made["conversation"] = body.get("conversation")
            return made

        text = f"Answer {n}."
        return sse(*numbered([{"type": "response.created", "response": one("in_progress")}, *text_events(text),
                              {"type": "response.completed", "response": one("completed", [message(text)])}]))

    return new_agent(on)


for how in ("null", "absent", "a string"):
    with serve(forgetful(how)) as (endpoint, log):
        llm = agent(endpoint)
        history = [HumanMessage("My name is Ada.")]
        first = tried(lambda: llm.invoke(history))
        if isinstance(first, Exception):
            check(f"conversation is {how}: an answer", False, told(first))
            continue
        check(f"conversation is {how}: the answer names its conversation",
              first.response_metadata.get("thread_id") == "conv_1", first.response_metadata.get("thread_id"))
        llm.invoke([*history, first, HumanMessage("What is my name?")])
        turns = [(body["conversation"], len(body["input"])) for method, path, body in log if path.endswith("/responses")]
        check(f"conversation is {how}: the second turn goes on there with one message",
              turns == [("conv_1", 1), ("conv_1", 1)], turns)
    with serve(forgetful(how)) as (endpoint, log):
        got = agent(endpoint).invoke("Hello", thread_id="conv_9")
        check(f"conversation is {how}: so where the caller named it",
              got.response_metadata.get("thread_id") == "conv_9", got.response_metadata.get("thread_id"))

finish()
