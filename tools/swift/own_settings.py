"""Runs a program of Swift with the swift.conf of a folder: own_settings.py FOLDER PROGRAM [ARG...]

Swift reads swift.conf, which has the hash of the cluster and its storage policies, from /etc/swift
alone, whatever `swift_dir` says. A cluster that leaves the system as it is has one of its own.
"""
import runpy
import sys

from swift.common import utils

folder, program = sys.argv[1:3]
utils.set_swift_dir(folder)
sys.argv = [program] + sys.argv[3:]
runpy.run_path(program, run_name='__main__')
