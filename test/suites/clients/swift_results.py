"""For pytest: writes how each of Swift's functional tests ended, a line of JSON each."""
import json
import os

import test.functional

# Swift's tests try again, later and later, after what a busy Swift may answer for a moment. Here
# every answer is the last word.
test.functional.sleep = lambda seconds: None

RESULTS = open(os.environ["ZEROVM_RESULTS"], "w", buffering=1)


def reason_of(report):
    """Why a test was skipped, or the line that it failed at."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(report.longrepr) if crash is None else crash.message


def pytest_runtest_logreport(report):
    if report.passed and report.when != "call":
        return
    name = report.nodeid.removeprefix("test/functional/")
    line = {"test": name, "outcome": report.outcome}
    if not report.passed:
        line["reason"] = " ".join(reason_of(report).split())[:300]
    RESULTS.write(json.dumps(line) + "\n")
