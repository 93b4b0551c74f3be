"""A lane of the distributed engine: it sleeps until a bell rings."""

from celery.worker import WorkController, state

from media_processing.bells import LOOK, make_app, ring_for_what_waits
from media_processing.lanes import Lane

CONNECT_SECONDS = 2.0
SILENT_SECONDS = 10.0  # a broker that says nothing for so long when asked is gone


class ListeningLane(Lane):
    """A Celery worker in a thread: the files' heavy work is done by processes of their own.

    It has a Celery app to itself, since an app knows one set of queues and one task of a name.
    """

    until_none_is_left = True

    def __init__(self, queues: tuple[str, ...], poll_seconds: float) -> None:
        state.should_stop = None  # Celery's word to all lanes of a process; the last run said it
        super().__init__(queues, poll_seconds)

    def work(self) -> None:
        app = make_app(socket_connect_timeout=CONNECT_SECONDS, socket_timeout=SILENT_SECONDS)
        app.set_current()  # in this thread

        @app.task(name=LOOK, shared=False)
        def look() -> None:
            self.worker.run()

        listener = WorkController(
            app=app,
            hostname=self.name,
            queues=list(self.queues),
            pool_cls="solo",
            concurrency=1,
            use_eventloop=False,  # that one is shared by all threads
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        listener.start()

    def stop(self) -> None:
        super().stop()
        state.should_stop = 0

    @staticmethod
    def announce(queues: tuple[str, ...]) -> None:
        """Ring for what waits: its bell may be lost, or its hour has come."""
        ring_for_what_waits(queues)
