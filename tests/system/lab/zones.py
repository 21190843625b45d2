"""The world the authentication tests live in: domains with SPF, DKIM and DMARC records in a real DNS."""
from lab.dns import NameServer, texts
from lab.mail import Ed25519Key, RsaKey

GOOD = "11.1.1.1"  # may send for good.example and for the others that name it
STRANGER = "11.1.66.66"


class World:
    """Keys and zones, served until the test's cleanup (its addCleanup, addClassCleanup or addModuleCleanup) stops the server."""

    def __init__(self, add_cleanup):
        self.rsa, self.ed = RsaKey("good.example"), Ed25519Key("good.example")
        self.bogus_key, self.plain_key = RsaKey("bogus.example"), RsaKey("plain.example")
        good = (f'@ TXT "v=spf1 include:_spf.good.example -all"\n_spf TXT "v=spf1 ip4:11.1.1.0/24 -all"\n'
                f'_dmarc TXT "v=DMARC1; p=reject"\nnews TXT "v=spf1 ip4:11.1.1.0/24 -all"\n'
                f"rsa._domainkey TXT {texts(self.rsa.record())}\ned._domainkey TXT {texts(self.ed.record())}\n"
                "near._domainkey CNAME ed._domainkey\nfar._domainkey CNAME k1.plain.example.\nk3 CNAME ed._domainkey\n")
        bogus = (f'@ TXT "v=spf1 ip4:11.1.1.0/24 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
                 f"rsa._domainkey TXT {texts(self.bogus_key.record())}\n")
        plain = f'@ TXT "v=spf1 ip4:11.1.1.0/24 ~all"\nrsa._domainkey TXT {texts(self.plain_key.record())}\nk1 CNAME k2\nk2 CNAME k3.good.example.\n'
        loop = '@ TXT "v=spf1 include:loop.example -all"\n'
        self.server = NameServer({"good.example": good, "bogus.example": bogus, "plain.example": plain, "loop.example": loop,
                                  "empty.example": ""}, signed=["good.example"], bogus=["bogus.example"]).start()
        add_cleanup(self.server.stop)
