"""A service manager as Mailweir sees it: hands over a listening socket, starts it as an ordinary user, hears how it is."""
import os
import pwd
import socket
import subprocess

from lab import space


class ServiceManager:
    def __init__(self, mailweir, address, port):
        self.mailweir = mailweir
        self.listener = socket.create_server((address, port), backlog=64)
        self.path = f"{space.ROOT}/notify"
        self.ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self):
        user = pwd.getpwnam("mailweir")
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.ears.bind(self.path)
        self.ears.settimeout(20)
        os.chmod(self.path, 0o666)
        if os.path.exists(self.mailweir.logfile):
            os.chown(self.mailweir.logfile, user.pw_uid, user.pw_gid)
        os.chown(self.mailweir.root, user.pw_uid, user.pw_gid)

        def become():
            os.dup2(self.listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)

        # LISTEN_PID is known in the child only: a shell sets it and becomes the program.
        command = 'export LISTEN_PID=$$; exec "$0" "$@"'
        environment = dict(os.environ, LISTEN_FDS="1", NOTIFY_SOCKET=self.path)
        with open(f"{self.mailweir.root}/managed", "wb") as output:
            self.process = subprocess.Popen(["/bin/sh", "-c", command, *self.mailweir.command], preexec_fn=become, close_fds=False,
                                            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.pid = self.process.pid
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.listener.close()
        self.ears.close()

    def next(self):
        """The next message as a dictionary."""
        return dict(line.split("=", 1) for line in self.ears.recv(4096).decode("ascii").split("\n"))

    def wait(self):
        return self.process.wait(30)

    def socket_lives(self):
        """Whether the manager's own socket still takes connections."""
        with socket.create_connection(self.listener.getsockname(), 5):
            self.listener.settimeout(5)
            self.listener.accept()[0].close()
        return True
