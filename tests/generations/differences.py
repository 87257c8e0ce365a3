"""What differs between a classic agent and a new one, and why: a row for each, and a test."""

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """One of them; `test_<key>` shows it."""

    key: str
    what: str
    classic: str
    new: str
    reason: str


DIFFERENCES = (
    Difference(
        "requests_of_a_first_turn",
        "Requests of a first turn",
        "1",
        "2; 1 with `conversation='response'` or `'none'`",
        "a conversation is created before its first response, a thread with its first run",
    ),
    Difference(
        "requests_of_a_long_history",
        "Requests for a history of 70 messages of others",
        "8",
        "2",
        "a run takes 32 messages and the rest one by one; a response takes them all as input",
    ),
    Difference(
        "what_keeps_the_history",
        "What keeps the history",
        "a thread",
        "a conversation, the chain of responses, or nothing but the caller (`conversation=`)",
        "runs stand in threads; responses can stand alone",
    ),
    Difference(
        "ids_in_metadata",
        "Ids in `response_metadata`",
        "`agent_id`, `thread_id` (`thread_…`), `run_id` (`run_…`)",
        "`agent_name`, `agent_version`, `thread_id` = `conversation_id` (`conv_…`), "
        "`run_id` = `response_id` (`resp_…`)",
        "the service names them so; a place of the other generation is refused at once",
    ),
    Difference(
        "system_messages",
        "System messages",
        "the run's instructions: sent each turn, and only the newest hold",
        "a developer message: sent when new or changed; earlier ones stay in the conversation",
        "the definition owns the instructions; a response cannot have its own",
    ),
    Difference(
        "run_parameters",
        "`model`, `instructions`, `temperature`, `top_p`, `parallel_tool_calls`, `tool_resources`",
        "fields of the run",
        "`InvalidFieldError` before any request; `on_unsupported='warn'` leaves them out",
        "the definition owns them, and the service refuses them",
    ),
    Difference(
        "limits_of_tokens",
        "`max_tokens`, `max_prompt_tokens`",
        "less than 256 is sent as 256; a prompt can be limited, too",
        "sent as it is; `max_prompt_tokens` is refused",
        "the services' own limits; a response has none for its prompt",
    ),
    Difference(
        "fields_of_new_agents",
        "`conversation`, `background`, `structured_inputs`, `user_identity`, `extra_body`",
        "`InvalidFieldError` before any request",
        "fields of the response",
        "a run has no such fields",
    ),
    Difference(
        "bound_tools",
        "`bind_tools`",
        "the schemas go out with the run",
        "the definition must have tools of these names (looked up once in five minutes); "
        "else `MissingToolsError` has what `add_tools` puts there",
        "the definition owns the tools, and the service refuses others",
    ),
    Difference(
        "forced_tools",
        "`tool_choice`, `with_structured_output(method='function_calling')`",
        "the agent has to call the tool, which goes out with the run",
        "the agent has to call the tool, which the definition must have",
        "the definition owns the tools; a response may choose among them",
    ),
    Difference(
        "structured_output",
        "`with_structured_output`",
        "the schema goes out with the run",
        "a definition without a form: the agent is told the schema; with another form, or with "
        "`strict=True`: `BadRequestError`",
        "the definition owns the form of answers: the service takes none in a call",
    ),
    Difference(
        "run_ids_of_a_tool_turn",
        "A tool turn",
        "one run, which waits for the outputs: both messages have its `run_id`",
        "two responses: each message has its own",
        "outputs are the input of the next response",
    ),
    Difference(
        "usage_of_a_tool_call",
        "Usage of a message with tool calls",
        "estimated: the service tells it with the finished run",
        "the service's",
        "a response is over when it asks for outputs",
    ),
    Difference(
        "details_of_usage",
        "Details of usage",
        "cached tokens",
        "cached and reasoning tokens",
        "runs do not tell of reasoning",
    ),
    Difference(
        "calls_that_are_given_up",
        "Calls that the user goes on without",
        "the waiting run is cancelled",
        "answered as not carried out",
        "a response refuses input while a call is open",
    ),
    Difference(
        "calls_in_a_new_place",
        "Calls and outputs told in a new place",
        "as text",
        "as calls and outputs",
        "a thread takes only messages",
    ),
    Difference(
        "stop_sequences",
        "A stop sequence",
        "cancels the run: usage is estimated, and the thread holds what was said until then",
        "the response is heard to its end: usage is the service's, the conversation holds it all",
        "of a response that is left the conversation would keep nothing",
    ),
    Difference(
        "leaving",
        "Who leaves a turn",
        "cancels its run; the thread keeps the question",
        "closes its connection; the conversation keeps nothing of the turn",
        "the service cancels a response when its caller is gone",
    ),
    Difference(
        "failed_turns",
        "A turn that failed",
        "its question stays in the thread: a retry is a run without it",
        "nothing stays: a retry sends the question again",
        "only responses that end well reach their conversation",
    ),
    Difference(
        "broken_streams",
        "A stream that falls silent or breaks off",
        "the run is looked up, and the answer goes on",
        "so with `background=True`; else `RunCancelledError`",
        "the service cancels a response when its caller is gone",
    ),
    Difference(
        "cancelling_what_is_busy",
        "`on_active_run='cancel'`",
        "cancels the run that works on the thread",
        "waits for a response that is not a background response",
        "only background responses can be cancelled",
    ),
    Difference(
        "polling",
        "`run_mode='poll'`",
        "looks at the run, then lists its messages",
        "a background response, which the last look brings whole",
        "a response holds its own output",
    ),
    Difference(
        "content_filters",
        "An answer that a content filter cut",
        "the text until then",
        "and the service's apology behind it; what the filters found is in `content_filters`",
        "the service adds a message of its own",
    ),
    Difference(
        "reasoning",
        "What the agent thinks",
        "not told",
        "blocks of type `reasoning`",
        "runs do not tell of reasoning",
    ),
    Difference(
        "outputs_of_code",
        "What code printed",
        "in the block of its result",
        "so with `extra_body={'include': ['code_interpreter_call.outputs']}`; else `None`",
        "the service leaves it out unless asked",
    ),
    Difference(
        "files_of_code",
        "A picture that code drew",
        "a block of type `image` with its `file_id`",
        "a citation with its `file_id` and `container_id`: `download` wants both",
        "code keeps its files in a container",
    ),
    Difference(
        "denied_calls",
        "A call of an MCP server that was denied",
        "shown, with the denial as its result",
        "not shown",
        "a response has no item for it",
    ),
    Difference(
        "files",
        "A file in a message",
        "is uploaded first, and needs a tool of the agent's that reads it",
        "travels in the message",
        "a thread's message names files by their ids",
    ),
    Difference(
        "names_of_messages",
        "`name` of a message",
        "metadata of the thread's message",
        "not sent",
        "an item has no such member",
    ),
)
