"""What waits for one webhook. Of each prompt only the oldest is sent: those behind it are held back, no others."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from graph.domain.webhooks import Delivery


class DeliveryQueue:
    """Deliveries in memory, by prompt and in the feed's order. One that is taken blocks its prompt until it is back."""

    def __init__(self, deliveries: Sequence[Delivery] = ()) -> None:
        self._prompts: dict[str, deque[Delivery]] = {}
        self._taken: set[str] = set()
        self._ids: set[str] = set()
        self.add(deliveries)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Behind all that is there; in the feed's order. One that is there already is passed over."""
        for delivery in deliveries:
            if delivery.id not in self._ids:
                self._ids.add(delivery.id)
                self._prompts.setdefault(delivery.prompt_id, deque()).append(delivery)

    def take(self, now: datetime, most: int) -> list[Delivery]:
        """Those that are to be sent now, the oldest events first."""
        due = [head for head in self._free() if head.next_at is None or head.next_at <= now]
        taken = sorted(due, key=lambda delivery: delivery.seq)[: max(0, most)]
        self._taken.update(delivery.prompt_id for delivery in taken)
        return taken

    def finish(self, delivery: Delivery) -> None:
        """One that was taken is over."""
        self._taken.discard(delivery.prompt_id)
        waiting = self._prompts[delivery.prompt_id]
        waiting.popleft()
        self._ids.discard(delivery.id)
        if not waiting:
            del self._prompts[delivery.prompt_id]

    def put_back(self, delivery: Delivery) -> None:
        """One that was taken waits again, as it stands now."""
        self._taken.discard(delivery.prompt_id)
        self._prompts[delivery.prompt_id][0] = delivery

    def hurry(self, since: datetime | None) -> None:
        """Lets what has failed only since then be tried at once: whatever was wrong with the receiver is over."""
        for head in list(self._free()):
            if head.next_at and head.first_failed_at and (since is None or head.first_failed_at > since):
                self._prompts[head.prompt_id][0] = replace(head, next_at=None)

    def begin_anew(self) -> None:
        """Lets everything be tried at once, its failures forgotten."""
        for head in list(self._free()):
            fresh = replace(head, failures=0, first_failed_at=None, next_at=None)
            self._prompts[head.prompt_id][0] = fresh

    @property
    def next_at(self) -> datetime | None:
        """When something is to be tried again; None when nothing waits for a time."""
        return min((head.next_at for head in self._free() if head.next_at), default=None)

    @property
    def oldest_at(self) -> datetime | None:
        """Since when the oldest delivery waits."""
        return min((waiting[0].created_at for waiting in self._prompts.values()), default=None)

    def _free(self) -> list[Delivery]:
        return [waiting[0] for prompt, waiting in self._prompts.items() if prompt not in self._taken]
