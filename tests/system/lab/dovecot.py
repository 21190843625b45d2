"""A private Dovecot that does nothing but check passwords and tokens, for a Postfix in front of it (and for Mailweir in front of that)."""
import base64
import hashlib
import hmac
import json
import os
import time

from lab import space
from lab.server import Server

CONFIG = """
protocols =
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/dovecot.log
auth_verbose = yes
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = {root}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {socket} {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""
OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = email
"""
SECRET = b"a secret that signs tokens, long enough for HS256"


class Dovecot(Server):
    def __init__(self, socket, users):
        self.root = root = space.directory(f"{space.ROOT}/dovecot")
        self.socket = socket
        space.directory(f"{root}/run")
        space.directory(f"{root}/keys/default/HS256")
        space.write(f"{root}/keys/default/HS256/default", base64.b64encode(SECRET).decode())
        space.write(f"{root}/oauth2.conf", OAUTH2.format(root=root))
        space.write(f"{root}/passwd", "".join(f"{name}:{{PLAIN}}{password}::::::\n" for name, password in users.items()))
        space.write(f"{root}/dovecot.conf", CONFIG.format(root=root, socket=socket))
        super().__init__("dovecot", ["/usr/sbin/dovecot", "-F", "-c", f"{root}/dovecot.conf"], f"{root}/output", "", 0)

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Dovecot ended:\n{self.tail()}")
        return os.path.exists(self.socket)

    def tail(self, lines=40):
        text = super().tail(lines)
        path = f"{self.root}/dovecot.log"
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as log:
                text += log.read()
        return text


def token(user, lifetime=600):
    """A JSON Web Token for the user (RFC 7519), as an identity provider would give it."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    now = int(time.time())
    text = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({"sub": user, "email": user, "iat": now - 5, "nbf": now - 5, "exp": now + lifetime})
    signature = hmac.new(SECRET, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()
