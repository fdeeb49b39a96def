"""Finds the filters, and Swift's own modules, which Debian keeps for its own Python."""

import os
import sys
import unittest

SWIFT_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEBIAN_FOLDER = "/usr/lib/python3/dist-packages"


def has_swift():
    """Whether the modules of Swift can be loaded."""
    try:
        import swift.common.wsgi  # noqa: F401
        return True
    except ImportError:
        return False


sys.path.append(SWIFT_FOLDER)
if not has_swift():
    # A folder that happens to be called `swift` may have been taken for it.
    sys.modules.pop("swift", None)
    sys.path.insert(0, DEBIAN_FOLDER)
    if not has_swift():
        raise unittest.SkipTest("needs Swift: apt-get install python3-swift")
