"""Resolving users as moby/sys/user does."""

from __future__ import annotations

import pytest

from runtime.errors import NoSuchUserError
from runtime.protocol.passwd import ExecUser, home_of, resolve_user

PASSWD = b"""\
# a comment: x:0:0::/comment:/bin/sh
root:x:0:0:root:/root:/bin/sh

broken line
short:x:7
letters:x:one:two:gecos:/letters:/bin/sh
#hidden:x:9:9::/hidden:/bin/sh
alice:x:1000:1001:Alice:/home/alice:/bin/bash
again:x:1000:2000:The second of that id:/home/again:/bin/sh
homeless:x:1002:1002:::/bin/sh
1234:x:1003:1003::/home/number:/bin/sh
noshell:x:1004:1004::/home/noshell
alice:x:0:0:The second of that name:/root:/bin/sh
strange\xff:x:1005:1005:\xfe:/home/strange:/bin/sh
"""
GROUP = b"""\
root:x:0:root
broken
wheel:x:10:root,alice
# ghosts:x:11:alice
audio:x:29: alice , again
letters:x:ten:alice
users:x:100:
wheel:x:12:
empty:x:13
4321:x:14:
twice:x:10:alice
"""


def who(user: str) -> ExecUser:
    return resolve_user(user, PASSWD, GROUP)


@pytest.mark.parametrize(
    ("user", "uid", "gid", "groups", "home"),
    [
        ("root", 0, 0, [0, 10], "/root"),
        ("", 0, 0, [0, 10], "/root"),
        ("0", 0, 0, [0, 10], "/root"),
        ("alice", 1000, 1001, [10, 29], "/home/alice"),
        ("1000", 1000, 1001, [10, 29], "/home/alice"),
        ("again", 1000, 2000, [29], "/home/again"),
        ("homeless", 1002, 1002, [], "/"),
        ("noshell", 1004, 1004, [], "/home/noshell"),
        # A number is an id, though a user or a group of that name exists.
        ("1234", 1234, 0, [], "/"),
        ("4242", 4242, 0, [], "/"),
        ("2147483647", 2147483647, 0, [], "/"),
        ("alice:users", 1000, 100, [], "/home/alice"),
        ("alice:wheel", 1000, 10, [], "/home/alice"),
        ("alice:77", 1000, 77, [], "/home/alice"),
        ("alice:4321", 1000, 4321, [], "/home/alice"),
        ("alice:0", 1000, 0, [], "/home/alice"),
        ("4242:29", 4242, 29, [], "/"),
        (":users", 0, 100, [], "/root"),
        ("alice:", 1000, 1001, [10, 29], "/home/alice"),
        ("strange\ufffd", 1005, 1005, [], "/home/strange"),
    ],
)
def test_resolved(user: str, uid: int, gid: int, groups: list[int], home: str) -> None:
    assert who(user) == ExecUser(uid=uid, gid=gid, groups=groups, home=home)


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("bob", "'bob'"),
        ("hidden", "'hidden'"),
        ("#hidden", "'#hidden'"),
        ("short", "'short'"),
        ("letters", "'letters'"),
        ("-1", "'-1'"),
        ("Alice", "'Alice'"),
        ("alice:bob", "'bob'"),
        ("alice:ghosts", "'ghosts'"),
        ("alice:letters", "'letters'"),
        ("alice:users:more", "'users:more'"),
        ("2147483648", "2147483648"),
        ("alice:2147483648", "2147483648"),
        pytest.param("9" * 5000, "too large", id="5000 digits"),
        ("\u0661", "'\u0661'"),
    ],
)
def test_refused_by_name(user: str, named: str) -> None:
    with pytest.raises(NoSuchUserError) as caught:
        who(user)
    assert named in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 126


@pytest.mark.parametrize("user", ["", "0", "1000"])
def test_numbers_need_no_files(user: str) -> None:
    found = resolve_user(user, b"", b"")
    assert found == ExecUser(uid=int(user or 0), gid=0, groups=[], home="/")


def test_a_number_that_python_would_not_parse_is_a_broken_line() -> None:
    passwd = b"bob:x:" + b"9" * 5000 + b":1::/:\nbob:x:5:6::/bob:\n"
    group = b"g:x:" + b"9" * 5000 + b":bob\nh:x:7:bob\n"
    assert resolve_user("bob", passwd, group) == ExecUser(uid=5, gid=6, groups=[7], home="/bob")


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_newline_ends_a_line(separator: str) -> None:
    # A user may set the text of the gecos field (chfn(1)), and must not forge an entry with it.
    passwd = f"bob:x:1:1:me{separator}alice:x:0:0::/:/bin/sh\nalice:x:5:5::/home/alice:/bin/sh\n"
    assert resolve_user("alice", passwd.encode(), b"").uid == 5


@pytest.mark.parametrize(
    ("uid", "home"), [(0, "/root"), (1000, "/home/alice"), (1002, "/"), (4242, "/")]
)
def test_home_of_an_id(uid: int, home: str) -> None:
    assert home_of(uid, PASSWD) == home
