"""What one exec costs: through the layer, the bare runtime, and the engine's own ways."""

from __future__ import annotations

from tests.bench.measuring import Measured, interleaved, median, row, title
from tests.bench.peers import ThroughAProgram, ThroughRest, ThroughTheLayer
from tests.bench.places import Host, Place, host, open_engine

BARE, OURS = "bare runtime", "exectop"


async def measure(rounds: int) -> None:
    """Print, for each container, the medians and their ratios to ours."""
    with host() as here:
        places = [here.of_podman("runc"), here.of_docker(), here.plain("runc")]
        places += [here.of_podman("crun"), here.plain("crun")]
        async with open_engine(here, *places) as engine:
            for first_byte, command in ((False, ("true",)), (True, ("echo", "hi"))):
                what = "first byte of `echo hi`" if first_byte else "exit code of `true`"
                title(f"to the {what}: median ms (as a multiple of exectop's)")
                for place in places:
                    kinds = _peers(here, place, command, first_byte=first_byte)
                    kinds[OURS] = ThroughTheLayer(engine, place, *command, first_byte=first_byte)
                    times = await interleaved(kinds, rounds)
                    _print(place, {name: median(each) for name, each in times.items()})


def _peers(
    here: Host, place: Place, command: tuple[str, ...], *, first_byte: bool
) -> dict[str, Measured]:
    kinds: dict[str, Measured] = {
        BARE: ThroughAProgram(*place.bare, *command, first_byte=first_byte)
    }
    if place.made_by == "podman":
        words = [*here.podman.command, "exec", place.name, *command]
        kinds["podman exec"] = ThroughAProgram(*words, first_byte=first_byte)
        service = here.podman.serve()
        kinds["podman REST"] = ThroughRest(service, place.name, *command, first_byte=first_byte)
    elif place.made_by == "docker":
        words = [*here.docker.command, "exec", place.name, *command]
        kinds["docker exec"] = ThroughAProgram(*words, first_byte=first_byte)
        socket = here.docker.socket
        kinds["docker REST"] = ThroughRest(socket, place.name, *command, first_byte=first_byte)
    return kinds


def _print(place: Place, medians: dict[str, float]) -> None:
    ours = medians[OURS]
    row(str(place), *(name for name in medians))
    row("", *(f"{each:.1f}" for each in medians.values()))
    row("", *(f"{each / ours:.2f}x" for each in medians.values()))
    row("", f"exectop / bare = {ours / medians[BARE]:.2f}")
