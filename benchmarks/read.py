"""Reads the tree of a revision as every verb does, and no more.

python read.py FOLDER REVISION           read it
python read.py FOLDER REVISION OTHER     the same, and hold it against the tree that lies in another folder
"""

import gc
import sys

from envtree.commands.tree import read_tree

gc.disable()  # as the command line does
source = read_tree(sys.argv[1], sys.argv[2]).source
if len(sys.argv) > 3:
    other = read_tree(sys.argv[3]).source
    if not source.files or (source.files, source.refused) != (other.files, other.refused):
        raise SystemExit(f"{sys.argv[2]} is not what lies in {sys.argv[3]}")
