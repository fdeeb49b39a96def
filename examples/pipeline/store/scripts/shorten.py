"""Makes `PLACE MILLISECONDS` of the lines of a log of requests for maps."""

import re
import sys

REQUEST = re.compile(r"GET /maps/(\w+)\S* (\d+) ([\d.]+) s$")

for line in sys.stdin:
    request = REQUEST.search(line)
    if request and request[2] == "200":
        print(request[1], round(float(request[3]) * 1000))
