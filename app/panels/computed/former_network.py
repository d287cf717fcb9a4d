"""The network that was shown before the last change of a parameter: its bars stay as a ghost. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ...figure.magnitudes import Magnitude
from ...network.config import NetworkConfig, is_same_run


class FormerNetwork(NamedTuple):
    """Its configuration without the one beside it, and its magnitudes; None in a view in which they are not known."""

    config: NetworkConfig
    magnitudes: tuple[Magnitude, ...] | None


def former_after(
    before: NetworkConfig, now: NetworkConfig, shown: tuple[Magnitude, ...], former: FormerNetwork | None
) -> FormerNetwork | None:
    """Return the former network after a change from `before`, whose magnitudes are `shown`, to `now`.

    A change of the view keeps the one that there was. Its magnitudes are lost if `now` shows others, or a network
    beside this one.
    """
    is_same_view = (before.measure, before.is_relative) == (now.measure, now.is_relative)
    if not is_same_run(before, now):
        return FormerNetwork(replace(before, against=None), shown if is_same_view else None)
    if former is None or (is_same_view and now.against is None):
        return former
    return former._replace(magnitudes=None)
