"""Deeds of more than one write: what is told when a later one cannot be made."""

from collections.abc import Iterator
from contextlib import contextmanager

from graph.domain.outages import OutcomeUnknownError, StoreUnavailableError


@contextmanager
def after_a_write(is_written: bool = True) -> Iterator[None]:
    """For what comes after something was written: to tell that nothing was done would be wrong from then on.

    Raises OutcomeUnknownError in place of StoreUnavailableError, which says as well that trying again is safe.
    """
    try:
        yield
    except StoreUnavailableError as error:
        if is_written:
            raise OutcomeUnknownError from error
        raise
