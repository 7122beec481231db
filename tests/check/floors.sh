#!/bin/bash
# The floor rule: an #include points to the same floor or a lower one.
#   base num io data model fit infer select app cli
# A public header stands on the floor that it shows (table below).  src/cli includes the public
# headers and its own files, and nothing else.
set -u
list=$(find src include -name '*.[ch]' | sort)
# shellcheck disable=SC2086
wrong=$(awk '
    BEGIN {
        count = split("base num io data model fit infer select app cli", name, " ")
        for (i = 1; i <= count; i++)
            floor[name[i]] = i
        split("base base data data model model fit fit posterior infer select select run app " \
              "maxpost cli", pair, " ")
        for (i = 1; i in pair; i += 2)
            shows["maxpost/" pair[i] ".h"] = floor[pair[i + 1]]
    }
    function floor_of_public(header) {
        return header in shows ? shows[header] : floor["app"]
    }
    FNR == 1 {
        split(FILENAME, part, "/")
        public = part[1] == "include"
        own = public ? floor_of_public(part[2] "/" part[3]) : floor[part[2]]
        cli = !public && part[2] == "cli"
        if (!own)
            print FILENAME ": src/" part[2] " is not a floor"
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        target = quoted[2]
        split(target, part, "/")
        where = FILENAME ":" FNR ": \"" target "\""
        if (target ~ /^maxpost\//) {
            if (!cli && floor_of_public(target) > own)
                print where " shows a higher floor"
        } else if (cli) {
            if (target ~ /\// || system("test -f src/cli/" target) != 0)
                print where " is neither public nor of src/cli"
        } else if (public)
            print where " is not public"
        else if (!(part[1] in floor) || target !~ /\//)
            print where " does not start with a floor"
        else if (floor[part[1]] > own)
            print where " is a higher floor"
    }' $list)
if [ -z "$wrong" ]; then
    echo "ok floors ($(echo "$list" | wc -l) files)"
else
    echo "FAIL floors: $(echo "$wrong" | wc -l) includes"
    echo "$wrong"
fi
