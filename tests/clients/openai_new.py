"""openai on the new generation's surface: responses, conversations, files, stores, containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from .openai_desk import MESSAGE, NOTES, QUESTION, AsyncDesk, Desk, ids
from .seats import everything

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPERATIONS", "PACKAGES", "AsyncDesk", "Desk"]

PACKAGES = ("openai",)
METADATA = {"k": "v"}
CHUNKS: Any = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50},
}


class Place(BaseModel):
    """What an answer is parsed into."""

    name: str


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "responses.create": lambda desk: "Norway" in desk.response.output_text,
    "responses.create(stream=True)": lambda desk: (
        [
            event.type
            for event in everything(
                desk.client.responses.create(input=QUESTION, stream=True, extra_body=desk.agent)
            )
        ][-1]
        == "response.completed"
    ),
    "responses.stream": lambda desk: (
        [
            event.type
            for event in everything(desk.client.responses.stream(input=QUESTION, model="gpt-4.1"))
        ][-1]
        == "response.completed"
    ),
    "responses.parse": lambda desk: (
        desk.client.responses.parse(
            input='The name is "Ann".', model="gpt-4.1", text_format=Place
        ).output_parsed
        == Place(name="Ann")
    ),
    "responses.retrieve": lambda desk: (
        desk.client.responses.retrieve(desk.response.id).output_text == desk.response.output_text
    ),
    "responses.cancel": lambda desk: (
        desk.client.responses.cancel(desk.running.id).status == "cancelled"
    ),
    "responses.delete": lambda desk: desk.client.responses.delete(desk.response.id) is None,
    "responses.input_items.list": lambda desk: (
        [
            one.content[0].text
            for one in everything(desk.client.responses.input_items.list(desk.response.id))
        ]
        == [QUESTION]
    ),
    "conversations.create": lambda desk: (
        desk.client.conversations.create(metadata=METADATA).metadata == METADATA
    ),
    "conversations.retrieve": lambda desk: (
        desk.client.conversations.retrieve(desk.conversation.id) == desk.conversation
    ),
    "conversations.update": lambda desk: (
        desk.client.conversations.update(desk.conversation.id, metadata=METADATA).metadata
        == METADATA
    ),
    "conversations.delete": lambda desk: (
        desk.client.conversations.delete(desk.conversation.id).deleted
    ),
    "conversations.items.create": lambda desk: (
        len(desk.client.conversations.items.create(desk.conversation.id, items=[MESSAGE] * 2).data)
        == 2
    ),
    "conversations.items.list": lambda desk: desk.item.content[0].text == QUESTION,
    "conversations.items.retrieve": lambda desk: (
        desk.client.conversations.items.retrieve(
            desk.item.id, conversation_id=desk.conversation.id
        ).id
        == desk.item.id
    ),
    "conversations.items.delete": lambda desk: desk.gone(
        lambda: desk.client.conversations.items.delete(
            desk.item.id, conversation_id=desk.conversation.id
        ),
        lambda: desk.client.conversations.items.list(desk.conversation.id),
    ),
    "files.create": lambda desk: (desk.file.filename, desk.file.bytes) == (NOTES[0], len(NOTES[1])),
    "files.retrieve": lambda desk: desk.client.files.retrieve(desk.file.id) == desk.file,
    "files.list": lambda desk: [desk.file.id] == ids(desk.client.files.list(limit=1)),
    "files.content": lambda desk: desk.client.files.content(desk.file.id).content == NOTES[1],
    "files.retrieve_content": lambda desk: (
        desk.client.files.retrieve_content(desk.file.id) == NOTES[1].decode()
    ),
    "files.wait_for_processing": lambda desk: (
        desk.client.files.wait_for_processing(desk.file.id).status == "processed"
    ),
    "files.delete": lambda desk: desk.gone(
        lambda: desk.client.files.delete(desk.file.id), desk.client.files.list
    ),
    "containers.create": lambda desk: (
        (desk.container.name, desk.container.status) == ("work", "running")
    ),
    "containers.retrieve": lambda desk: (
        desk.client.containers.retrieve(desk.container.id).name == "work"
    ),
    "containers.list": lambda desk: (
        [desk.container.id] == ids(desk.client.containers.list(limit=1))
    ),
    "containers.delete": lambda desk: desk.client.containers.delete(desk.container.id) is None,
    "containers.files.create": lambda desk: desk.inner.path == "/mnt/data/notes.txt",
    "containers.files.retrieve": lambda desk: (
        desk.client.containers.files.retrieve(desk.inner.id, container_id=desk.container.id).bytes
        == len(NOTES[1])
    ),
    "containers.files.list": lambda desk: (
        [desk.inner.id] == ids(desk.client.containers.files.list(desk.container.id))
    ),
    "containers.files.content.retrieve": lambda desk: (
        desk.client.containers.files.content.retrieve(
            desk.inner.id, container_id=desk.container.id
        ).content
        == NOTES[1]
    ),
    "containers.files.delete": lambda desk: desk.gone(
        lambda: desk.client.containers.files.delete(desk.inner.id, container_id=desk.container.id),
        lambda: desk.client.containers.files.list(desk.container.id),
    ),
    "vector_stores.create": lambda desk: desk.store.file_counts.completed == 1,
    "vector_stores.retrieve": lambda desk: (
        desk.client.vector_stores.retrieve(desk.store.id) == desk.store
    ),
    "vector_stores.update": lambda desk: (
        desk.client.vector_stores.update(desk.store.id, name="new").name == "new"
    ),
    "vector_stores.list": lambda desk: (
        [desk.store.id] == ids(desk.client.vector_stores.list(limit=1))
    ),
    "vector_stores.search": lambda desk: (
        [
            one.file_id
            for one in everything(desk.client.vector_stores.search(desk.store.id, query=QUESTION))
        ]
        == [desk.file.id]
    ),
    "vector_stores.delete": lambda desk: desk.gone(
        lambda: desk.client.vector_stores.delete(desk.store.id), desk.client.vector_stores.list
    ),
    "vector_stores.files.create": lambda desk: (
        desk.client.vector_stores.files.create(
            desk.store.id, file_id=desk.file.id, attributes={"legs": 4.0}
        ).attributes
        == {"legs": 4.0}
    ),
    "vector_stores.files.create_and_poll": lambda desk: (
        desk.client.vector_stores.files.create_and_poll(
            desk.file.id, vector_store_id=desk.store.id
        ).status
        == "completed"
    ),
    "vector_stores.files.upload": lambda desk: (
        desk.client.vector_stores.files.upload(
            vector_store_id=desk.store.id, file=NOTES
        ).vector_store_id
        == desk.store.id
    ),
    "vector_stores.files.upload_and_poll": lambda desk: (
        desk.client.vector_stores.files.upload_and_poll(
            vector_store_id=desk.store.id, file=NOTES, chunking_strategy=CHUNKS
        ).chunking_strategy.static.max_chunk_size_tokens
        == 100
    ),
    "vector_stores.files.poll": lambda desk: (
        desk.client.vector_stores.files.poll(desk.file.id, vector_store_id=desk.store.id).status
        == "completed"
    ),
    "vector_stores.files.retrieve": lambda desk: (
        desk.client.vector_stores.files.retrieve(desk.file.id, vector_store_id=desk.store.id).status
        == "completed"
    ),
    "vector_stores.files.update": lambda desk: (
        desk.client.vector_stores.files.update(
            desk.file.id, vector_store_id=desk.store.id, attributes={"k": "v"}
        ).attributes
        == {"k": "v"}
    ),
    "vector_stores.files.list": lambda desk: (
        [desk.file.id]
        == ids(desk.client.vector_stores.files.list(desk.store.id, filter="completed"))
    ),
    "vector_stores.files.content": lambda desk: (
        [
            one.text
            for one in everything(
                desk.client.vector_stores.files.content(desk.file.id, vector_store_id=desk.store.id)
            )
        ]
        == [NOTES[1].decode()]
    ),
    "vector_stores.files.delete": lambda desk: desk.gone(
        lambda: desk.client.vector_stores.files.delete(desk.file.id, vector_store_id=desk.store.id),
        lambda: desk.client.vector_stores.files.list(desk.store.id),
    ),
    "vector_stores.file_batches.create": lambda desk: desk.batch.file_counts.total == 1,
    "vector_stores.file_batches.create_and_poll": lambda desk: (
        desk.client.vector_stores.file_batches.create_and_poll(
            desk.store.id, file_ids=[desk.file.id]
        ).status
        == "completed"
    ),
    "vector_stores.file_batches.upload_and_poll": lambda desk: (
        desk.client.vector_stores.file_batches.upload_and_poll(
            desk.store.id, files=[NOTES, ("b.txt", b"b")]
        ).file_counts.completed
        == 2
    ),
    "vector_stores.file_batches.poll": lambda desk: (
        desk.client.vector_stores.file_batches.poll(
            desk.batch.id, vector_store_id=desk.store.id
        ).status
        == "completed"
    ),
    "vector_stores.file_batches.retrieve": lambda desk: (
        desk.client.vector_stores.file_batches.retrieve(
            desk.batch.id, vector_store_id=desk.store.id
        )
        == desk.batch
    ),
    "vector_stores.file_batches.list_files": lambda desk: (
        [desk.file.id]
        == ids(
            desk.client.vector_stores.file_batches.list_files(
                desk.batch.id, vector_store_id=desk.store.id
            )
        )
    ),
    "vector_stores.file_batches.cancel": lambda desk: (
        desk.client.vector_stores.file_batches.cancel(
            desk.batch.id, vector_store_id=desk.store.id
        ).id
        == desk.batch.id
    ),
}
