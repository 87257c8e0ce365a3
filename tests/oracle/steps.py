"""What the agent does beside speaking: it thinks, asks for approval, uses tools of its own."""

from __future__ import annotations

from .telling import USAGE, Events, Scene, Turn, message

PIXEL = "iVBORw0KGgo="


async def reason(turn: Turn) -> Events:
    """Think, and then speak."""
    for event in turn.stream.output_item_reasoning_item("Six times seven."):
        yield event
    for event in message(turn, "It is ", "42."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def approve(turn: Turn) -> Events:
    """Ask to approve a call of an MCP server."""
    for event in turn.stream.output_item_mcp_approval_request("docs", "search", '{"q": "tides"}'):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def go_on_approved(turn: Turn) -> Events:
    """Make the call if it was approved, and say so."""
    approved = turn.items[-1]["approve"]
    if approved:
        call = turn.stream.add_output_item_mcp_call("docs", "search")
        yield call.emit_added()
        yield call.emit_in_progress()
        for event in call.arguments('{"q": "tides"}'):
            yield event
        yield call.emit_completed()
        yield call.emit_done(output="3 pages")
    for event in message(turn, "Found 3 pages." if approved else "Then not."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def compute(turn: Turn) -> Events:
    """Run code, and say what it gave."""
    call = turn.stream.add_output_item_code_interpreter_call()
    yield call.emit_added()
    yield call.emit_in_progress()
    yield call.emit_interpreting()
    for event in call.code("print(6 * 7)"):
        yield event
    yield call.emit_completed()
    yield call.emit_done()
    for event in message(turn, "It prints 42."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def search(turn: Turn) -> Events:
    """Search the web, files, and an MCP server's tools, and say so."""
    stream = turn.stream
    for call in (
        stream.add_output_item_web_search_call(),
        stream.add_output_item_file_search_call(),
    ):
        yield call.emit_added()
        yield call.emit_in_progress()
        yield call.emit_searching()
        yield call.emit_completed()
        yield call.emit_done()
    listing = stream.add_output_item_mcp_list_tools("docs")
    yield listing.emit_added()
    yield listing.emit_in_progress()
    yield listing.emit_completed()
    yield listing.emit_done()
    for event in message(turn, "Nothing found."):
        yield event
    yield stream.emit_completed(usage=USAGE)


async def delegate(turn: Turn) -> Events:
    """Call a function that is the agent's own, and say what it gave."""
    for event in turn.stream.output_item_function_call("get_tide", "call_own", '{"port": "Brest"}'):
        yield event
    for event in turn.stream.output_item_function_call_output("call_own", "high"):
        yield event
    for event in message(turn, "The tide is high."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def draw(turn: Turn) -> Events:
    """Make an image."""
    for event in turn.stream.output_item_image_gen_call(PIXEL):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def compact(turn: Turn) -> Events:
    """Put out items of types that no client has to know, and speak."""
    for event in turn.stream.output_item_compaction("c2VjcmV0"):
        yield event
    for event in turn.stream.output_item_structured_outputs({"tide": "high"}):
        yield event
    for event in message(turn, "Compacted."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def consent(turn: Turn) -> Events:
    """Ask the user to consent first."""
    item_id = turn.stream.response["id"].replace("caresp_", "oauth_")
    builder = turn.stream.add_output_item(item_id)
    asked = {
        "type": "oauth_consent_request",
        "id": item_id,
        "consent_link": "https://example.com/consent",
        "server_label": "docs",
    }
    yield builder.emit_added(asked)
    yield builder.emit_done(asked)
    yield turn.stream.emit_completed(usage=USAGE)


async def refuse(turn: Turn) -> Events:
    """Refuse."""
    item = turn.stream.add_output_item_message()
    yield item.emit_added()
    for event in item.refusal_content("I will not."):
        yield event
    yield item.emit_done()
    yield turn.stream.emit_completed(usage=USAGE)


STEPS: dict[str, Scene] = {
    "approve": approve,
    "compact": compact,
    "compute": compute,
    "consent": consent,
    "delegate": delegate,
    "draw": draw,
    "reason": reason,
    "refuse": refuse,
    "search": search,
}
