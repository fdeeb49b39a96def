"""Writes the rings of a cluster. Standard input is JSON: `part_power`, and `rings`, a list of
`path`, `replicas` and `devices` (`zone`, `ip`, `port`, `device`).
"""
import json
import sys

from swift.common.ring import RingBuilder

order = json.load(sys.stdin)
for ring in order['rings']:
    builder = RingBuilder(order['part_power'], ring['replicas'], 1)
    for device in ring['devices']:
        builder.add_dev(dict(
            device, region=1, weight=1.0, meta='',
            replication_ip=device['ip'], replication_port=device['port']))
    builder.rebalance(seed='zerovm')
    builder.get_ring().save(ring['path'])
