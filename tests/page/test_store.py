"""The page's state: changed all or not at all, told once a change, and never out of step with its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.figure.wave import LABEL
from app.page.store import Store
from app.page.synthesised import SynthesisedSource
from app.view.settings import Settings
from app.view.snapshot import Snapshot, State

PLAIN = Settings()


class Network(SynthesisedSource):
    """A source that makes magnitudes for any architecture but one with a layer of 13 neurons."""

    def __init__(self, *, forward: bool = False) -> None:
        super().__init__(PLAIN)
        self._forward = forward
        self.made: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot | None:  # type: ignore[override]  # nothing before it was made
        return self.made

    def follow(self, settings: Settings) -> None:
        if not hasattr(self, "made"):
            return
        if 13 in settings.layers:
            raise ValueError("Architecture: 13 neurons can't be had")
        if settings.layers != (self.made and self.made.layers):
            self.show(settings.layers)

    def show(self, layers: tuple[int, ...], value: float = 1.0) -> Snapshot:
        values = (value,) * len(layers)
        activations = values if self._forward else None
        self.made = Snapshot(layers, values, "RMS", activations=activations, source="computed")
        return self.made

    def address(self) -> list[tuple[str, str]]:
        return [("source", "computed")]


@pytest.fixture
def store() -> Store:
    return Store(PLAIN)


def computing(store: Store, *, forward: bool = False) -> Network:
    """A network that is chosen and shown."""
    network = Network(forward=forward)
    store.apply(replace(store.settings, source="computed"))
    store.enter(network)
    store.publish(network.show(store.settings.layers))
    return network


def told(store: Store) -> list[tuple[State, State]]:
    changes: list[tuple[State, State]] = []
    store.subscribe(lambda before, now: changes.append((before, now)))
    return changes


def test_each_subscriber_is_told_once_a_change_with_the_state_before_and_after(store: Store) -> None:
    first, second, before = told(store), told(store), store.state
    store.apply(replace(PLAIN, layers=(2, 2), gradients=(0.5, 1.0), speed=90.0, playing=False))
    assert first == second == [(before, store.state)]
    assert store.state.snapshot == Snapshot((2, 2), (0.5, 1.0))


def test_nobody_is_told_where_nothing_changes(store: Store) -> None:
    changes = told(store)
    store.apply(PLAIN)
    store.move_to(0)
    store.park(False)
    assert changes == []


def test_one_who_unsubscribes_is_told_no_more_even_of_the_change_under_way(store: Store) -> None:
    stops: list[Callable[[], None]] = []
    store.subscribe(lambda _before, _now: stops[0]())
    changes: list[State] = []
    stops.append(store.subscribe(lambda _before, now: changes.append(now)))
    store.move_to(1)
    stops[0]()  # twice is harmless
    assert changes == []


def test_a_change_that_a_subscriber_makes_is_told_to_all_after_the_first_one(store: Store) -> None:
    store.subscribe(lambda _before, now: store.move_to(2) if now.settings.layer == 1 else None)
    changes = told(store)
    store.move_to(1)
    assert [(before.settings.layer, now.settings.layer) for before, now in changes] == [(0, 1), (1, 2)]


def test_a_subscriber_that_raises_does_not_jam_later_changes(store: Store) -> None:
    stop = store.subscribe(lambda _before, _now: 1 / 0)  # type: ignore[arg-type]  # it never returns
    with pytest.raises(ZeroDivisionError):
        store.move_to(1)
    stop()
    changes = told(store)
    store.move_to(2)
    assert len(changes) == 1


def test_what_the_source_refuses_changes_nothing_and_is_told_nobody(store: Store) -> None:
    network = computing(store)
    changes, before, made = told(store), store.state, network.made
    with pytest.raises(ValueError, match="13 neurons"):
        store.apply(replace(store.settings, layers=(3, 13, 2), speed=900.0, playing=False))
    assert store.state is before
    assert network.made is made
    assert changes == []


def test_another_architecture_and_its_numbers_come_in_one_change(store: Store) -> None:
    computing(store)
    changes = told(store)
    store.apply(replace(store.settings, layers=(3, 3)))
    ((_, now),) = changes
    assert (now.settings.layers, now.snapshot.layers, now.snapshot.source) == ((3, 3), (3, 3), "computed")


def test_a_source_may_bring_an_architecture_of_its_own(store: Store) -> None:
    network = computing(store)
    changes = told(store)
    store.publish(network.show((5, 5, 5)), layers=(5, 5, 5), layer=2)
    ((_, now),) = changes
    assert (now.settings.layers, now.settings.layer, now.snapshot) == ((5, 5, 5), 2, network.made)


def test_a_source_that_was_left_shows_nothing_any_more(store: Store) -> None:
    network = computing(store)
    store.apply(replace(store.settings, source="synthesised"))
    changes = told(store)
    store.publish(network.show((9, 9)), layers=(9, 9))
    assert changes == []
    assert store.state.snapshot == Snapshot((3, 4, 4, 2))


def test_a_source_that_has_nothing_yet_is_stood_in_for_by_the_given_magnitudes(store: Store) -> None:
    given = replace(PLAIN, gradients=(1.0, 2.0, 3.0, 4.0), label="L2")
    store.apply(given)
    store.apply(replace(given, source="recorded"))
    assert store.state.snapshot == Snapshot(PLAIN.layers, given.gradients, "L2")
    assert store.view == given


def test_magnitudes_that_an_address_asks_for_are_missing_until_they_come_or_fail() -> None:
    store = Store(replace(PLAIN, source="recorded"), is_awaited=True)
    assert store.state.snapshot.gradients == (None,) * 4
    snapshot = store.state.snapshot
    store.move_to(1)
    assert store.state.snapshot is snapshot  # nothing to be drawn anew
    assert store.view.gradients is None
    store.publish(None)
    assert store.state.snapshot == Snapshot(PLAIN.layers)


def test_given_magnitudes_are_kept_while_they_do_not_fit_and_while_another_source_is_chosen(store: Store) -> None:
    store.apply(replace(PLAIN, gradients=(1.0, 2.0, 3.0, 4.0), label="L2"))
    store.apply(replace(store.settings, layers=(3, 3)))
    assert (store.view.gradients, store.view.label) == (None, LABEL)
    computing(store)
    assert store.view.label == "RMS"
    store.apply(replace(store.settings, layers=(6, 6, 6, 6)))
    store.apply(replace(store.settings, source="synthesised"))
    assert (store.view.gradients, store.view.label) == ((1.0, 2.0, 3.0, 4.0), "L2")


def test_the_cursor_stays_within_what_is_shown(store: Store) -> None:
    computing(store, forward=True)
    store.move_to(-4)
    store.apply(replace(store.settings, source="synthesised"))
    assert store.settings.layer == 0  # without a forward pass there is none below
    store.move_to(3)
    store.apply(replace(store.settings, layers=(3, 3)))
    assert store.settings.layer == 1


def test_a_parked_wave_goes_to_the_input_of_another_depth_but_where_somebody_moved_it(store: Store) -> None:
    store.park(True)
    assert store.settings.layer == 3
    store.apply(replace(store.settings, layers=(1,) * 6))
    assert store.settings.layer == 5
    store.apply(replace(store.settings, layers=(1,) * 8, layer=1))
    assert store.settings.layer == 1
    store.park(False)
    assert store.settings.layer == 1  # from there it goes on


@pytest.mark.parametrize("parked", [True, False])
def test_to_wait_somewhere_takes_the_wish_to_play_back_unless_the_wave_is_parked(store: Store, parked: bool) -> None:
    store.park(parked)
    store.pause_at(2)
    assert (store.settings.layer, store.settings.playing) == (2, parked)


def test_a_view_changes_what_it_differs_in_and_leaves_what_was_given(store: Store) -> None:
    store.apply(replace(PLAIN, gradients=(1.0, 2.0, 3.0, 4.0), label="L2"))
    computing(store)
    store.apply_view(replace(store.view, playing=False))
    assert store.settings.gradients == (1.0, 2.0, 3.0, 4.0)
    assert (store.settings.playing, store.settings.source) == (False, "computed")
    store.apply_view(replace(store.view, gradients=(5.0, 6.0, 7.0, 8.0), source="synthesised"))
    assert store.state.snapshot == Snapshot(PLAIN.layers, (5.0, 6.0, 7.0, 8.0), "L2")


def test_magnitudes_of_a_view_take_the_place_of_those_that_are_awaited() -> None:
    store = Store(replace(PLAIN, source="computed"), is_awaited=True)
    store.apply_view(replace(store.view, layers=(2, 2)))
    assert (store.settings.source, store.state.snapshot.gradients) == ("computed", (None, None))
    store.apply_view(replace(store.view, gradients=(5.0, 6.0)))
    assert (store.settings.source, store.state.snapshot) == ("synthesised", Snapshot((2, 2), (5.0, 6.0)))
