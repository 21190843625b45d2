"""A private Postfix: examples/postfix plus its own queue and mailboxes; delivers to Maildirs."""
import os

from lab import space
from lab.maildir import Maildir
from lab.server import Server, wait_for

BESIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../build/lab/postfix")
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/postfix")
QUEUE_PRIVATE = "incoming active deferred bounce defer flush hold corrupt trace saved pid private".split()

MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
daemon_directory = {prefix}/usr/lib/postfix/sbin
command_directory = {prefix}/usr/sbin
shlib_directory = {prefix}/usr/lib/postfix
meta_directory = {meta}
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME LD_LIBRARY_PATH={prefix}/usr/lib/postfix
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
myhostname = backend.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = all
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8 [::1]/128
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ busy@{domain} = 450 4.2.1 Mailbox is busy }} }}
smtpd_client_connection_count_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
local_transport = error:none
alias_maps =
alias_database =
local_header_rewrite_clients =
"""

MASTER = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""


def example(name):
    with open(f"{EXAMPLE}/{name}", encoding="utf-8") as file:
        return file.read()


SENDER = """
relayhost = [{relay}]
smtp_bind_address = 11.1.1.1
virtual_mailbox_domains =
minimal_backoff_time = 1s
queue_run_delay = 1s
"""


class Postfix(Server):
    directory, port = "postfix", 10025
    services = ""
    own_fields = ("return-path", "delivered-to", "x-original-to")
    own_received = 1

    def __init__(self, domain="weir.example", mailboxes=("alice", "bob"), xclient=True):
        self.root = f"{space.ROOT}/{self.directory}"
        self.settings = example("main.cf") if xclient else ""
        self.domain = domain
        self.prefix = BESIDE if os.path.exists(BESIDE + "/usr/sbin/postfix") else ""
        self.boxes = {name: Maildir(f"{self.root}/mail/{name}", self) for name in mailboxes}
        self.configure()
        master = f"{self.prefix}/usr/lib/postfix/sbin/master"
        super().__init__(self.directory, [master, "-c", f"{self.root}/etc", "-d"], f"{self.root}/master.log", "127.0.0.1", self.port,
                         {"LD_LIBRARY_PATH": f"{self.prefix}/usr/lib/postfix"})

    def configure(self):
        root = self.root
        space.directory(f"{root}/queue")
        for name in QUEUE_PRIVATE:
            space.directory(f"{root}/queue/{name}", "postfix", 0o700)
        space.directory(f"{root}/queue/maildrop", "postfix", 0o733)
        space.directory(f"{root}/queue/public", "postfix", 0o755)
        space.directory(f"{root}/queue/pid")
        space.directory(f"{root}/data", "postfix", 0o700)
        space.directory(f"{root}/mail", "vmail", 0o755)
        space.directory(f"{root}/etc")
        boxes = ", ".join(f"{{ {name}@{self.domain} = {name}/ }}" for name in self.boxes)
        space.write(f"{root}/etc/main.cf", MAIN.format(root=root, prefix=self.prefix, meta=f"{root}/etc", domain=self.domain,
                                                       mailboxes=boxes, uid=space.USERS["vmail"]) + self.settings)
        space.write(f"{root}/etc/master.cf", MASTER + example("master.cf").replace("10025", str(self.port)) + self.services)

    def mail_log(self):
        path = f"{self.root}/mail.log"
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def idle(self):
        """Whether no message is under way."""
        queues = (os.listdir(f"{self.root}/queue/{name}") for name in ("incoming", "active", "deferred", "maildrop"))
        return not any(queues)

    def wait_idle(self):
        wait_for(self.idle, "Postfix to finish its queue")


class Sender(Postfix):
    """One that passes all mail on to a relay and tries again after a second, as a sending site's MTA."""
    directory, port = "sender", 10026
    services = "smtp unix - - n - - smtp\n"

    def __init__(self, relay):
        self.relay = relay
        super().__init__(mailboxes=())

    def configure(self):
        self.settings = SENDER.format(relay=self.relay)
        super().configure()

    def has_sent(self):
        """Whether a message has left the queue, with all its recipients."""
        return ": removed" in self.mail_log()
