#!/bin/bash
# tests/check/tree.sh BEFORE: git sees the same changes as before (BEFORE is its earlier answer),
# and nothing that .gitignore names is committed.
set -u
new=$(git status --porcelain | diff "$1" - | sed -n 's/^> //p')
ignored=$(git ls-files -ci --exclude-standard)
if [ -n "$new" ]; then
    echo "FAIL tree: these appeared or changed:"
    echo "$new"
elif [ -n "$ignored" ]; then
    echo "FAIL tree: committed, though .gitignore names it:" $ignored
else
    echo "ok tree"
fi
