"""A private Exim, installed or unpacked beside: examples/exim plus its own spool; delivers to Maildirs."""
import os
import shutil

from lab import space
from lab.maildir import Maildir
from lab.server import Server, wait_for

BESIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../build/lab/exim/usr/sbin/exim4")

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/exim/exim.conf")

CONFIG = """
{example}
exim_path = {binary}
primary_hostname = backend.example
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
pid_file_path = {root}/exim.pid
domainlist local_domains = {domain}
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = accept
tls_advertise_hosts =
chunking_advertise_hosts =
dkim_verify_signers =
keep_environment =
never_users =

begin acl
acl_rcpt:
  accept  hosts = +relay_from_hosts
  require domains = +local_domains
          message = relay not permitted
  require verify = recipient
  accept

begin routers
mailboxes:
  driver = accept
  local_parts = {mailboxes}
  transport = maildir
  cannot_route_message = no such user here

begin transports
maildir:
  driver = appendfile
  directory = {root}/mail/$local_part_data
  maildir_format
  user = vmail
  group = vmail

begin retry
* * F,1h,1m
"""


def example():
    with open(EXAMPLE, encoding="utf-8") as file:
        return file.read()


def unpacked(path):
    """A copy of the unpacked program: as Debian-exim it starts itself again, and may not be allowed into the checkout."""
    shutil.copy(BESIDE, path)
    return path


class Exim(Server):
    own_fields = ("return-path", "envelope-to", "delivery-date")
    own_received = 1

    def __init__(self, domain="weir.example", mailboxes=("alice", "bob")):
        self.root = f"{space.ROOT}/exim"
        self.domain = domain
        self.boxes = {name: Maildir(f"{self.root}/mail/{name}", self) for name in mailboxes}
        space.directory(self.root)
        binary = "/usr/sbin/exim4" if os.path.exists("/usr/sbin/exim4") else unpacked(f"{self.root}/exim4")
        space.directory(f"{self.root}/spool", "Debian-exim")
        space.directory(f"{self.root}/log", "Debian-exim")
        space.directory(f"{self.root}/mail", "vmail")
        config = f"{self.root}/exim.conf"
        space.write(config, CONFIG.format(root=self.root, example=example(), binary=binary, domain=domain, mailboxes=" : ".join(mailboxes)))
        # Debian's Exim keeps its privileges only with configurations listed here; /etc is our private copy.
        space.directory("/etc/exim4")
        space.write("/etc/exim4/trusted_configs", config + "\n")
        super().__init__("exim", [binary, "-bdf", "-q1m", "-C", config], f"{self.root}/exim.log", "127.0.0.1", 10025)

    def mail_log(self):
        path = f"{self.root}/log/mainlog"
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def idle(self):
        spool = f"{self.root}/spool/input"
        return not os.path.isdir(spool) or not any(files for _, _, files in os.walk(spool))

    def wait_idle(self):
        wait_for(self.idle, "Exim to finish its queue")
