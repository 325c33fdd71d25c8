"""What engines' command lines tell."""

from __future__ import annotations

import pytest

from runtime.discovery.command_lines import (
    DockerWords,
    MonitorWords,
    ShimWords,
    conmon_options,
    conmonrs_root,
    docker_words,
    monitor_words,
    shim_words,
)

ID = "a7e6cbef2b85"
# As podman 4.3.1 and CRI-O 1.30 start it, shortened.
PODMAN = (
    f"/usr/bin/conmon --api-version 1 -c {ID} -u {ID} -r /usr/bin/runc -b /s/userdata "
    "-p /r/pidfile -n web --exit-dir /t/exits --full-attach -l k8s-file:/s/ctr.log "
    "--log-level warning --runtime-arg --log-format=json --runtime-arg --log "
    "--runtime-arg=/r/oci-log "
    "--conmon-pidfile /r/conmon.pid --exit-command /usr/bin/podman --exit-command-arg --root "
    "--exit-command-arg /s --exit-command-arg -n --exit-command-arg -r"
)
CRIO = (
    f"/usr/libexec/crio/conmon -b /run/containers/storage/overlay-containers/{ID}/userdata -c {ID} "
    f"--exit-dir /var/run/crio/exits -l /var/log/pods/x.log --log-level info -n k8s_nginx_web_0 "
    f"-P /run/conmon-pidfile -p /run/pidfile --persist-dir /var/lib/x -r /usr/libexec/crio/crun "
    f"--runtime-arg --root=/run/crun --socket-dir-path /var/run/crio --syslog -u {ID} -s"
)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (PODMAN, MonitorWords(ID, "web", "/usr/bin/runc", "")),
        (CRIO, MonitorWords(ID, "k8s_nginx_web_0", "/usr/libexec/crio/crun", "/run/crun")),
        ("conmon --cid a --name=b --runtime crun --runtime-arg=--root --runtime-arg=/x",
         MonitorWords("a", "b", "crun", "/x")),
        ("conmon -c a --runtime-arg --root --runtime-arg /x", MonitorWords("a", "", "", "/x")),
        ("conmon", MonitorWords("", "", "", "")),
        ("conmon -c", MonitorWords("", "", "", "")),
    ],
)  # fmt: skip
def test_monitors(line: str, words: MonitorWords) -> None:
    assert monitor_words(line.split()) == words


def test_the_arguments_of_the_exit_command_are_no_options() -> None:
    options = conmon_options(PODMAN.split())
    assert options["name"] == ["web"]
    assert options["exit-command-arg"] == ["--root", "/s", "-n", "-r"]


def test_conmon_rs() -> None:
    line = "conmonrs --runtime /usr/bin/crun --runtime-root=/run/crun --log-level info"
    assert conmonrs_root(line.split()) == "/run/crun"
    assert conmonrs_root(["conmonrs"]) == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("containerd-shim-runc-v2 -namespace k8s.io -id abc -address /run/c.sock",
         ShimWords("k8s.io", "abc", "")),
        ("containerd-shim -namespace moby -workdir /w -runtime-root /var/run/docker/runtime-runc",
         ShimWords("moby", "", "/var/run/docker/runtime-runc")),
        ("containerd-shim-runc-v2 --namespace=x start", ShimWords("x", "", "")),
    ],
)  # fmt: skip
def test_shims(line: str, words: ShimWords) -> None:
    assert shim_words(line.split()) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dockerd -H fd:// --containerd=/run/containerd/containerd.sock",
         DockerWords("", "", "", "", ("fd://",))),
        ("dockerd --exec-root /e --data-root=/d --config-file c.json --containerd-namespace n",
         DockerWords("/e", "/d", "c.json", "n", ())),
        ("dockerd -g /d --host unix:///a -H unix:///b",
         DockerWords("", "/d", "", "", ("unix:///a", "unix:///b"))),
    ],
)  # fmt: skip
def test_docker(line: str, words: DockerWords) -> None:
    assert docker_words(line.split()) == words
