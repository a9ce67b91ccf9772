"""A host that asks for a password each time: after a drop it asks again, on a key, in the plain terminal.

A stand-in for ssh does what OpenSSH does: it asks on the terminal itself, and where it may not, it gives up.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from shinbox.desk.demo.people import PASSWORD
from shinbox.jmap.client import Client
from shinbox.jmap.endpoint import Endpoint
from shinbox.jmap.tokens import save_token
from tests.pty import Terminal
from tests.tui.demo_front import demo_front

SSH = """#!{python}
import os, pathlib, socket, sys, threading
words = sys.argv[1:]
local, _, remote = words[words.index("-L") + 1].partition(":")
if "BatchMode=yes" in words:
    sys.exit("bob@north: Permission denied (password).")
with open("/dev/tty", "r+b", buffering=0) as terminal:
    terminal.write(b"bob@north's password: ")
    if terminal.readline().strip() != b"secret":
        sys.exit("bob@north: Permission denied (password).")
pathlib.Path({notes!r}).write_text(str(os.getpid()))

def carry(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.shutdown(socket.SHUT_WR)

listener = socket.socket(socket.AF_UNIX)
listener.bind(local)
listener.listen()
while True:
    here, _ = listener.accept()
    there = socket.socket(socket.AF_UNIX)
    there.connect(remote)
    for pair in ((here, there), (there, here)):
        threading.Thread(target=carry, args=pair, daemon=True).start()
"""


async def test_ssh_asks_again_on_a_key_and_its_question_can_be_interrupted(tmp_path: Path) -> None:
    notes, program, home = tmp_path / "ssh.pid", tmp_path / "bin" / "ssh", tmp_path / "home"
    program.parent.mkdir()
    program.write_text(SSH.format(python=sys.executable, notes=str(notes)))
    program.chmod(0o755)
    with demo_front(tmp_path) as socket:
        desk = f"ssh://bob@north{socket}"
        async with Client(Endpoint(socket=socket)) as client:
            token = await client.sign_in("bob", PASSWORD)
        save_token(Endpoint.parse(desk), token, home / "shinbox" / "tokens.json")
        homes = {name: str(home) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
        command = [sys.executable, "-m", "shinbox", "--desk", desk]
        env = {**homes, "PATH": str(program.parent), "XDG_RUNTIME_DIR": str(tmp_path)}
        with Terminal(command, 100, 30, env=env) as terminal:
            terminal.wait_for("password:")
            terminal.send("secret\r")
            terminal.wait_for("mallory@evil.example")

            os.kill(int(notes.read_text()), signal.SIGKILL)
            terminal.wait_for("north was lost, and asks you before it lets you in again")
            terminal.send("gc")
            terminal.wait_for("password:")
            terminal.press("ctrl+c")
            terminal.wait_for("cannot be reached over SSH")

            terminal.send("gc")
            terminal.wait_for("password:")
            terminal.send("secret\r")
            terminal.wait_for(lambda seen: seen.screen[0].rstrip().endswith("●"))
            terminal.press("Q")
            assert terminal.wait() == 0
    assert not [name for name in os.listdir(tmp_path) if name.startswith("shinbox-")], "nothing is left"
