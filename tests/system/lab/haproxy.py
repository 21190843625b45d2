"""A private HAProxy in TCP mode that tells the server behind it who the client is (PROXY protocol, version 2)."""
from lab import space
from lab.server import Server

ADDRESS = "11.1.0.2"
FRONT = """
listen port{port}
    bind {address}:{port}
    server weir {backend}:{port} send-proxy-v2 source {address}
"""
HEAD = """
global
    maxconn 1000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
"""


class HAProxy(Server):
    def __init__(self, backend, ports):
        config = f"{space.ROOT}/haproxy.cfg"
        fronts = "".join(FRONT.format(address=ADDRESS, port=port, backend=backend) for port in ports)
        space.write(config, HEAD + fronts)
        super().__init__("haproxy", ["haproxy", "-db", "-f", config], f"{space.ROOT}/haproxy.log", ADDRESS, ports[0])
