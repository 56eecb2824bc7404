"""What webhooks stand on in a process that sends them."""

from dataclasses import dataclass, field

from graph.domain.limits import WebhookLimits
from graph.webhooks.addresses import AddressGate
from graph.webhooks.sender import Sender
from graph.webhooks.signing import SecretMaker


@dataclass(frozen=True, slots=True)
class WebhookSetup:
    """The bounds, where requests may go, what makes secrets, and what sends."""

    secrets: SecretMaker
    sender: Sender
    gate: AddressGate = field(default_factory=AddressGate)
    limits: WebhookLimits = field(default_factory=WebhookLimits)
    allows_http: bool = False
