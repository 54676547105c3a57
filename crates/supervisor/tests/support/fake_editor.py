"""An editor that does what a test tells it: `--fake=WORD,WORD…` among code-server's own arguments.

It writes what the test wants to know into files of the folder it is started in.
"""

import json
import os
import pty
import signal
import socket
import sys
import threading
import time

ARGS = sys.argv[1:]
WORDS = set()
for arg in ARGS:
    if arg.startswith("--fake="):
        WORDS |= set(arg.split("=", 1)[1].split(","))


def main():
    say("arguments.json", ARGS)
    say("environment.json", dict(os.environ))
    print("\x1b[32mfake\x1b[0m editor starts", flush=True)
    if "exit0" in WORDS:
        sys.exit(0)
    if "exit1" in WORDS:
        print("fake editor: cannot go on", flush=True)
        sys.exit(1)
    if "ignores_term" in WORDS:
        ignore_everything()
    if "slow_stop" in WORDS:
        signal.signal(signal.SIGTERM, stop_slowly)
    if "family" in WORDS:
        say("family.json", family())
    if "flood" in WORDS:
        threading.Thread(target=flood, daemon=True).start()
    if "hangs" in WORDS:
        sleep_for_ever()
    serve()


def serve():
    path = ARGS[ARGS.index("--socket") + 1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    while True:
        connection, _ = listener.accept()
        target = None
        try:
            target = serve_one(connection)
        except OSError:
            pass  # Whoever asked has gone away.
        connection.close()
        if "exits_when_ready" in WORDS and target == "/healthz":
            print("fake editor: out of memory", flush=True)
            os._exit(0)


def serve_one(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            return None
        request += piece
    target = request.split(b" ")[1].decode()
    with open("requests", "a") as file:
        file.write(target + "\n")
    connection.sendall(answer(target))
    return target


def answer(target):
    if target == "/":
        return b"HTTP/1.1 302 Found\r\nLocation: ./?folder=here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    status = b"503 Busy" if "unhealthy" in WORDS else b"200 OK"
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def family():
    """Children as VS Code has them, and a few worse ones; their process ids by name."""
    stubborn = child(lambda: (ignore_everything(), sleep_for_ever()))
    extension = child(lambda: (os.setsid(), ignore_everything(), sleep_for_ever()))
    reader, writer = os.pipe()
    shell, terminal = pty.fork()
    if shell == 0:
        os.write(writer, json.dumps(shells_children()).encode() + b"\n")
        sleep_for_ever()
    threading.Thread(target=drain, args=(terminal,), daemon=True).start()
    pids = json.loads(os.fdopen(reader).readline())
    return {"stubborn": stubborn, "extension": extension, "shell": shell, **pids}


def shells_children():
    nohup = child(lambda: (ignore_everything(), sleep_for_ever()))
    detached = child(lambda: (os.setsid(), let_go(), ignore_everything(), sleep_for_ever()))
    return {"nohup": nohup, "detached": detached, "orphan": orphan_child()}


def orphan_child():
    """A background job whose own parent ends."""
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        job = child(lambda: (ignore_everything(), sleep_for_ever()))
        os.write(writer, b"%d\n" % job)
        os._exit(0)
    os.waitpid(between, 0)
    return int(os.fdopen(reader).readline())


def child(work):
    """Forks; gives the process id once the child sleeps and is what it is meant to be."""
    ready, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        global announcements
        announcements = done
        work()
    os.close(done)
    os.read(ready, 1)
    return pid


announcements = None


def ignore_everything():
    if "mild" in WORDS:
        return
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def let_go():
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


def stop_slowly(_number, _frame):
    time.sleep(0.5)
    say("stopped.json", True)
    os._exit(0)


def flood():
    while True:
        print("x" * 200, flush=True)


def drain(terminal):
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass


def sleep_for_ever():
    if announcements is not None:
        os.write(announcements, b"x")
    while True:
        time.sleep(3600)


def say(name, value):
    with open(name + ".new", "w") as file:
        json.dump(value, file)
    os.rename(name + ".new", name)


main()
