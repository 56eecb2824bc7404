"""How it lies in documents who did something."""

from graph.domain.events import Signature
from graph.store.codec import Document


def signature_to_document(signature: Signature) -> Document:
    """Where it came from is there only when it is known: not from the console."""
    known: Document = {"actor": signature.actor_id, "key": signature.key_id, "at": signature.at}
    if signature.address is not None:
        known["address"] = signature.address
    if signature.request_id is not None:
        known["request"] = signature.request_id
    return known
