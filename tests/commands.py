"""What is asked of MongoDB, as the driver tells it."""

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent


class Commands(CommandListener):
    """The commands that a client sent, in order, by name."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to count: it was counted when it started."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to count: it was counted when it started."""
