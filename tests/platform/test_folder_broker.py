"""The folder as broker: whole messages only, none that kills a worker, and no polling."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Queue

from bigledger import broker
from bigledger.celery import app
from bigledger.folder_transport import LOOK_SECONDS, MOST_MESSAGES, MOST_UNREADABLE, Channel
from bigledger.mail.wake import wake_mails
from invoicing.apps import DOCUMENTS
from invoicing.pdf.stored import wake as wake_documents  # before the suite's own takes its place
from webhooks.apps import DELIVERIES
from webhooks.wake import wake_deliveries

QUEUE = Queue("jobs", Exchange("jobs"), routing_key="jobs")
Message = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@contextmanager
def connected(folder: Path) -> Iterator[Connection]:
    with Connection(broker.url(""), transport_options={"folder": str(folder)}) as connection:
        yield connection


def send(folder: Path, body: Any, **headers: str) -> None:
    with connected(folder) as connection:
        producer = connection.Producer(serializer="json")
        producer.publish(body, exchange=QUEUE.exchange, routing_key="jobs", declare=[QUEUE], headers=headers)


def receive(folder: Path, until: Callable[[list[Any]], bool]) -> list[Any]:
    """The bodies that one worker gets, in their order."""
    got: list[Any] = []

    def take(body: Any, message: Any) -> None:
        got.append(body)
        message.ack()

    deadline = time.monotonic() + 60
    with connected(folder) as connection, Consumer(connection, [QUEUE], callbacks=[take]):
        while not until(got):
            assert time.monotonic() < deadline, got
            try:
                connection.drain_events(timeout=0.5)
            except TimeoutError:
                continue
    return got


def messages(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.msg"))


def test_no_message_is_visible_before_it_is_whole(folder: Path) -> None:
    """A reader that lists the folder as hard as it can finds nothing but JSON."""
    folder.mkdir()
    done, seen, torn = threading.Event(), 0, []

    def look() -> None:
        nonlocal seen
        while not done.is_set():
            for path in messages(folder):
                try:
                    raw = path.read_bytes()
                except FileNotFoundError:
                    continue
                seen += 1
                try:
                    json.loads(raw)
                except ValueError:
                    torn.append(raw)

    reader = threading.Thread(target=look)
    reader.start()
    with connected(folder) as connection:
        producer = connection.Producer(serializer="json")
        for number in range(600):
            producer.publish([number, "x" * 20_000], exchange=QUEUE.exchange, routing_key="jobs", declare=[QUEUE])
            if number % 20 == 19:
                for path in messages(folder):
                    path.unlink()
    done.set()
    reader.join()
    assert seen > 100
    assert torn == []
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"null", b'"text"', b'{"body": "eyJ9", "properties": {}}']
)
def test_a_message_that_cannot_be_read_is_set_aside_and_the_next_one_comes(folder: Path, raw: bytes) -> None:
    folder.mkdir()
    (folder / "broken.jobs.msg").write_bytes(raw)
    send(folder, "after it")
    assert receive(folder, until=bool) == ["after it"]
    [aside] = (folder / "unreadable").iterdir()
    assert aside.read_bytes() == raw
    assert messages(folder) == []


def test_the_unreadable_messages_are_limited(folder: Path) -> None:
    folder.mkdir()
    for number in range(MOST_UNREADABLE + 20):
        (folder / f"{number}.jobs.msg").touch()
    send(folder, "after them")
    assert receive(folder, until=bool) == ["after them"]
    assert len(list((folder / "unreadable").iterdir())) == MOST_UNREADABLE
    assert messages(folder) == []


def test_wake_ups_that_say_the_same_are_one(folder: Path) -> None:
    for _ in range(5):
        send(folder, [[], {}, {}], task="webhooks.deliver")
    send(folder, [[], {}, {}], task="webhooks.prune")
    assert len(messages(folder)) == 2


def test_no_worker_leaves_a_bounded_pile(folder: Path) -> None:
    with connected(folder) as connection:
        producer = connection.Producer(serializer="json")
        for number in range(MOST_MESSAGES + 50):
            producer.publish(number, exchange=QUEUE.exchange, routing_key="jobs", declare=[QUEUE])
    assert len(messages(folder)) == MOST_MESSAGES


def test_each_message_goes_to_one_of_several_workers(folder: Path) -> None:
    got: list[Any] = []

    def work() -> None:
        got.extend(receive(folder, until=lambda mine: "end" in mine))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for number in range(300):
        send(folder, number)
    deadline = time.monotonic() + 60
    while messages(folder):
        assert time.monotonic() < deadline
    send(folder, "end")
    send(folder, "end", task="another")
    for worker in workers:
        worker.join()
    assert sorted(one for one in got if one != "end") == list(range(300))


def test_an_idle_worker_looks_once_a_second_and_is_woken_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    look = Channel._waiting

    def counted(channel: Channel, queue: str) -> list[Path]:
        looks.append(time.monotonic())
        return look(channel, queue)

    monkeypatch.setattr(Channel, "_waiting", counted)
    came: list[float] = []
    worker = threading.Thread(target=lambda: came.append((receive(folder, until=bool), time.monotonic())[1]))
    began = time.monotonic()
    worker.start()
    threading.Event().wait(3 * LOOK_SECONDS)
    assert len(looks) < 15
    sent = time.monotonic()
    assert sent - began >= 3 * LOOK_SECONDS
    send(folder, "now")
    worker.join()
    assert came[0] - sent < LOOK_SECONDS / 2


def test_a_folder_that_is_deleted_under_a_worker_is_made_again(folder: Path) -> None:
    got: list[Any] = []
    worker = threading.Thread(target=lambda: got.extend(receive(folder, until=lambda mine: "after" in mine)))
    worker.start()
    deadline = time.monotonic() + 60
    while not (folder / "jobs.wake").exists():
        assert time.monotonic() < deadline
    folder.rename(folder.with_name("gone"))
    send(folder, "after")
    worker.join()
    assert got == ["after"]


def test_celery_uses_it() -> None:
    with app.connection_for_write() as connection:
        assert type(connection.transport).__module__ == "bigledger.folder_transport"


@pytest.mark.parametrize(
    ("wake", "queue"),
    [(wake_deliveries, DELIVERIES), (wake_mails, broker.MAILS), (wake_documents, DOCUMENTS)],
)
def test_every_wake_up_comes_to_lie_in_its_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wake: Callable[[], None], queue: str
) -> None:
    """Also into a folder that somebody has deleted. Senders swallow what is wrong with the broker."""
    folder = tmp_path / "broker"
    monkeypatch.setattr(Channel, "folder", folder)
    monkeypatch.setitem(wake.__globals__, "_next_at", 0.0)  # type: ignore[attr-defined]
    wake()
    assert [path.name.partition(".")[2] for path in messages(folder)] == [f"{queue}.msg"]
