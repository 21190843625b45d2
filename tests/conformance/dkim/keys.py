"""Key pairs for tests, the same for the same seed, and their public halves as DKIM publishes them. Not for anything else."""
import base64
import random

import nacl.signing

SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n ** 0.5) + 1, 2))]
RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d0101010500")


def is_prime(n, r):
    if any(n % p == 0 for p in SMALL_PRIMES):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(8):
        x = pow(r.randrange(2, n - 1), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, r, exponent):
    while True:
        n = r.getrandbits(bits) | 3 << (bits - 2) | 1
        if n % exponent != 1 and is_prime(n, r):
            return n


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([129, size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def der_integer(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def der_public(n, e):
    key = der(0x30, der_integer(n) + der_integer(e))
    return der(0x30, der(0x30, RSA_ENCRYPTION) + der(3, b"\0" + key))


class RSAKey:
    kind = b"rsa"

    def __init__(self, bits, seed, exponent=65537):
        r = random.Random(seed)
        p, q = prime(bits // 2, r, exponent), prime(bits - bits // 2, r, exponent)
        order = (p - 1) * (q - 1)
        d = pow(exponent, -1, order)
        self.private = {"modulus": p * q, "publicExponent": exponent, "privateExponent": d, "prime1": p, "prime2": q,
                        "exponent1": d % (p - 1), "exponent2": d % (q - 1), "coefficient": pow(q, -1, p)}
        self.p = base64.b64encode(der_public(p * q, exponent))
        self.order = order

    def with_huge_exponent(self):
        """p= of the same key with an exponent that means the same and takes as long as it can."""
        return base64.b64encode(der_public(self.private["modulus"], self.private["publicExponent"] + self.order))


class Ed25519Key:
    kind = b"ed25519"

    def __init__(self, seed):
        self.private = nacl.signing.SigningKey(random.Random(seed).randbytes(32))
        self.p = base64.b64encode(bytes(self.private.verify_key))
