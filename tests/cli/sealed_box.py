"""Somebody else's opening of sealed keys: PyNaCl's SealedBox, and no code of ours.

    sealed_box.py ASKING SEALED    writes what the box holds; ends with 77 where PyNaCl is missing
"""
import base64
import sys

try:
    from nacl.public import PrivateKey, SealedBox
except ImportError:
    sys.exit(77)


def line_of(path, name):
    with open(path, encoding="ascii") as lines:
        return next(line.split()[1] for line in lines if line.startswith(name + " "))


def box_of(path):
    with open(path, encoding="ascii") as lines:
        body = [line.strip() for line in lines][3:-2]
    return base64.b64decode("".join(body), validate=True)


secret = PrivateKey(bytes.fromhex(line_of(sys.argv[1], "secret")))
sys.stdout.buffer.write(SealedBox(secret).decrypt(box_of(sys.argv[2])))
