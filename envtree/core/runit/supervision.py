"""`supervision.sh`: the functions that all scripts share; each script reads it in its service folder."""

from __future__ import annotations

NAME = "supervision.sh"

TEXT = r"""# What the scripts of every service share. They read it in their service folder, as `. $tree/supervision.sh`.
#
# A process leads a session of its own (chpst -P), so that what it leaves behind can be found: all that has its number
# as their session. `run` writes that down, with the start time: a number alone may be somebody else's by now.
#   supervise/started   NUMBER STARTTIME COUNT of the last start
#   supervise/machine   the start of the machine, or container, that this was in: numbers begin again with each
#   supervise/ended     how it ended; as long as this is here, nothing of that start is left
#   supervise/killed    the numbers of what had to be killed when it had ended

look() # NUMBER: its state, parent, session and start time, from proc(5); fails where there is no such process
{
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${line##*) } # all after its name, which may hold blanks and brackets
  state=$1 parent=$2 session=$4 start=${20}
}

machine() # what is different after each start of this machine, and of the first process of this container
{
  { read -r machine </proc/sys/kernel/random/boot_id; } 2>/dev/null || machine=
  look 1 && machine="$machine $start"
}

known() # the process that `run` became at its last start
{
  machine
  { read -r noted <supervise/machine && [ "$noted" = "$machine" ]; } 2>/dev/null || return 1
  { read -r main since count <supervise/started && [ -n "$count" ]; } 2>/dev/null
}

record() # this shell becomes the process
{
  known || count=0
  rm -f supervise/ended && echo "$machine" >supervise/machine &&
    look $$ && echo "$$ $start $((count + 1))" >supervise/started && return
  echo "envtree: the start can't be recorded"
  exit 111
}

matching() # PATTERN: the numbers of processes with such a parent, group and session, and maybe of others
{
  grep -ls ") [A-Za-z] $1 " /proc/[0-9]*/stat | tr -dc '0-9\n' # much faster than a look at each
}

lives() # whether that process still runs; one that runsv has not asked after yet is a zombie
{
  look "$main" && [ "$start" = "$since" ] && [ "$state" != Z ]
}

session() # who is left of its session, itself first
{
  left=
  [ ! -e supervise/ended ] || return 1
  if look "$main"; then
    [ "$start" = "$since" ] || return 1 # a number comes again only when nobody has it as their session
    [ "$state" = Z ] || left=$main
  fi
  for each in $(matching "[0-9]* [0-9]* $main"); do
    [ "$each" != "$main" ] && look "$each" && [ "$session" = "$main" ] && [ "$state" != Z ] && left="$left $each"
  done
  [ -n "$left" ]
}

remains() # whether somebody of those is left
{
  for each in $left; do
    look "$each" && [ "$session" = "$main" ] && [ "$state" != Z ] && return
  done
  session # or somebody whom they have started since
}

tell() # SIGNAL: to the process
{
  kill -s "$1" -- "$main" 2>/dev/null
}

words() # NUMBER: its command line
{
  tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline"
}

pass() # SIGNAL [all]: past the shell in front, to what it runs; `all`: to the shell as well
{
  front=$(words "$main")
  case $front in
  "/bin/sh -c cd "* | "/bin/bash -c cd "*) ;;
  *) tell "$1"; return ;; # it is not there yet, or has become a program since
  esac
  shells=$main programs=
  # The shell first: it acts when what it waits for has ended, and would go on to the next command without this.
  [ "$2" != all ] || tell "$1"
  below "$main"
  [ "$2" != all ] || programs="${shells#"$main"} $programs"
  [ -z "${programs# }" ] || kill -s "$1" -- $programs 2>/dev/null
}

below() # NUMBER: what a shell runs; a child with its command line is a part of it: `(a; b)`, `{ a; b; } | c`
{
  for each in $(matching "$1"); do
    look "$each" && [ "$parent" = "$1" ] || continue
    if [ "$(words "$each")" = "$front" ]; then
      shells="$shells $each"
      below "$each"
    else
      programs="$programs $each"
    fi
  done
}

end() # what is left of the session: asked, and killed after two seconds
{
  session || return 0
  kill -s TERM -- $left 2>/dev/null
  kill -s CONT -- $left 2>/dev/null # what is paused ends when it goes on
  for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.1
    remains || return 0
  done
  session || return 0
  echo "envtree: what $main had started is killed"
  echo "$left" >supervise/killed
  for tenth in 1 2 3 4 5 6 7 8 9 10; do # what starts others while it is killed takes more than once
    kill -s KILL -- $left 2>/dev/null
    sleep 0.1
    session || return 0
  done
}

end_survivor() # SECONDS: runsv died, and what it ran did not; that ends as always before anything starts: never two
{
  known && session || return 0
  echo "envtree: process $main of an earlier start still runs; it ends first"
  if lives; then
    if [ -x control/t ]; then
      control/t # fails, since runsv doesn't know that process any more
    else
      tell TERM
    fi
    tenths=$(($1 * 10))
    while [ "$tenths" -gt 0 ] && lives; do
      sleep 0.1
      tenths=$((tenths - 1))
    done
  fi
  ./finish -1 15
  known && end # had `finish` been there, nothing is left
}

ready() # FOLDER: whether the process of that service runs, and says that it is ready
{
  (
    cd "$1" && known && read -r pid <supervise/pid && [ "$pid" = "$main" ] && lives && { [ ! -x check ] || ./check; }
  ) >/dev/null 2>&1
}

await() # SERVICE/PROCESS...: waits until each is ready, for as long as it takes; not for what this machine doesn't run
{
  for required in "$@"; do
    place=../${required%/*}.${required#*/} # beside this one, where boot made both
    if [ ! -d "$place" ]; then
      [ "$tree" != tree ] || continue
      place=../../$required # in the generation, if it was linked from there; runsvdir may be about to look after it
      sv status "$place" >/dev/null 2>&1 || { sleep 1 && sv status "$place" >/dev/null 2>&1; } || continue
    fi
    ready "$place" && continue
    echo "envtree: waits for $required"
    until ready "$place"; do
      sleep 0.2
    done
  done
}

installed() # FOLDER...: the runtimes, never the system's in their place
{
  for each in "$@"; do
    [ -d "$each" ] && continue
    echo "envtree: there is no $each: install this version, or name another"
    exit 111
  done
}
"""
