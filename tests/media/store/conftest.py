"""A sound that every place is given to keep."""

import hashlib

SOUND = b"\xff\xfb" + b"sound" * 1000
NAME = hashlib.sha256(SOUND).hexdigest()
