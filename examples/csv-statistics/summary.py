"""Sums up a file of sales: its path is the first argument."""

import csv
import statistics
import sys
from collections import defaultdict
from decimal import Decimal

with open(sys.argv[1], newline="") as file:
    sales = list(csv.DictReader(file))

revenue = defaultdict(list)
for sale in sales:
    revenue[sale["region"]].append(int(sale["units"]) * Decimal(sale["price"]))

print(f"{len(sales)} sales from {sales[0]['date'][:7]} to {sales[-1]['date'][:7]}")
print(f"{'region':<8}{'count':>6}{'sum':>12}{'median':>11}{'deviation':>11}")
for region in sorted(revenue):
    sums = revenue[region]
    median, deviation = statistics.median(sums), statistics.stdev(sums)
    print(f"{region:<8}{len(sums):>6}{sum(sums):>12}{median:>11.2f}{deviation:>11.2f}")
print(f"{'all':<8}{len(sales):>6}{sum(map(sum, revenue.values())):>12}")
