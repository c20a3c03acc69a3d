# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of so many columns and prints what it shows, standard output and error together.

terminal.py COLUMNS COMMAND...   Escape sequences are shown as ^[; exit codes other than 0 stand in a last line.
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns = int(sys.argv[1])
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.environ.setdefault("TERM", "xterm")
    os.environ.pop("COLUMNS", None)
    os.execvp(sys.argv[2], sys.argv[2:])
shown = b""
while True:
    try:
        piece = os.read(master, 65536)
    except OSError:  # the other side is closed
        break
    if not piece:
        break
    shown += piece
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
# A bar that is wiped again leaves nothing on a screen.
lines = shown.replace(b"\r\n", b"\n").split(b"\n")
text = b"\n".join(line.rsplit(b"\r\x1b[K", 1)[-1] for line in lines)
sys.stdout.buffer.write(text.replace(b"\x1b", b"^["))
if code:
    print(f"exit {code}")
