"""The processes that belong to a session: its first process and what came of it."""

from __future__ import annotations

from collections import defaultdict

from runtime.kernel.proc import ProcessStat, all_stats
from runtime.model import ProcessIdentity


def session_tree(leader: ProcessIdentity) -> list[ProcessIdentity]:
    """The leader and its descendants, and whatever still is in its kernel session (setsid(2)).

    The leader comes first; members that have ended are left out. A child that was reparented is
    found by the kernel session only, so this is asked before the leader is signalled, too.
    """
    stats = all_stats()
    if not any(each.identity == leader for each in stats):
        return []
    children: dict[int, list[ProcessStat]] = defaultdict(list)
    for each in stats:
        children[each.ppid].append(each)
    members = {leader.pid: leader}
    queue = [leader.pid]
    while queue:
        for child in children[queue.pop()]:
            # A child older than its parent would be a reused pid.
            if child.pid not in members and child.start_time >= leader.start_time:
                members[child.pid] = child.identity
                queue.append(child.pid)
    for each in stats:
        if each.session == leader.pid and each.start_time >= leader.start_time:
            members.setdefault(each.pid, each.identity)
    ended = {each.identity for each in stats if each.ended}
    return [each for each in members.values() if each not in ended]
