"""`supervision.sh`: the functions that all scripts share; each script reads it in its service folder."""

from __future__ import annotations

from envtree.core.runit.ending import ENDING

NAME = "supervision.sh"

_RUNNING = r"""# What the scripts of all services share: each reads it in its folder, by `. $tree/supervision.sh`.
#
# A process leads a session of its own (chpst -P), so that what it leaves behind can be found: all that has its number
# as their session. `run` writes that down, with the start time: a number alone may be somebody else's by now.
#   supervise/started   NUMBER STARTTIME COUNT TIME of the last start, at that time
#   supervise/machine   the start of the machine, or container, that this was in: numbers begin again with each
#   supervise/ended     EXIT SIGNAL TIME of its end; as long as this is here, nothing of that start is left
#   supervise/ends      TIME EXIT SIGNAL SECONDS of each end that nobody asked for, after so many seconds
#   supervise/called    the time of the last on_failure; times are in seconds since the start of the machine
#   supervise/pipe      the pipe of its log: who holds it belongs to the process, whatever its session
#   supervise/lost      there where a crash took the pipe, and maybe lines that were in it
#   supervise/killed    the numbers of what had to be killed when it had ended
#   supervise/escaped   the names of what was left of it outside of its session, or in the background
#   supervise/hooks     the hooks that failed, and how
# Where boot could make one, `cgroup` leads to a group of its own, which nothing that it starts gets out of.

look() # NUMBER: its state, parent, session and start time, from proc(5); fails where there is no such process
{
  line=
  { while read -r part; do line="$line $part"; done <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${line##*) } # all after its name, which may hold blanks, brackets and line ends
  state=$1 parent=$2 session=$4 start=${20}
  [ "$state" != Z ] || [ "${18}" -lt 2 ] || state=S # its first thread has ended, and others go on
}

say() # TEXT: a line in the log; not for ever where nobody reads that
{
  timeout 2 printf '%s\n' "envtree: $1"
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
  { read -r main since count began <supervise/started && [ -n "$count" ]; } 2>/dev/null
}

record() # this shell becomes the process
{
  known || count=0
  [ "$count" != 0 ] || rm -f supervise/ends supervise/called
  join
  pipe=
  [ ! -p /proc/$$/fd/1 ] || pipe=$(readlink /proc/$$/fd/1)
  echo "$pipe" >supervise/pipe
  rm -f supervise/ended && echo "$machine" >supervise/machine &&
    read -r began rest </proc/uptime && look $$ &&
    echo "$$ $start $((count + 1)) $began" >supervise/started && return
  say "the start can't be recorded"
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

join() # from here on, this shell and what it starts is in the group of the process
{
  [ ! -e cgroup/cgroup.procs ] || { echo 0 >cgroup/cgroup.procs; } 2>/dev/null || rm -f cgroup
}

outside() # who belongs to it, and is not in its session: a daemon, a job that a hook left behind
{
  outside=
  if [ -e cgroup/cgroup.procs ]; then
    found=$(cat cgroup/cgroup.procs)
  elif { read -r pipe <supervise/pipe && [ -n "$pipe" ]; } 2>/dev/null; then
    found=$(holding "$pipe" '[12]')
  else
    return
  fi
  for each in $found; do
    case " $$ $PPID $main$outside " in *" $each "*) continue ;; esac # this script, and runsv
    look "$each" && [ "$session" != "$main" ] && [ "$state" != Z ] && outside="$outside $each"
  done
}

holding() # PIPE DESCRIPTOR: the numbers of who has it; links are not followed: a file's disk may not answer
{
  pipe=${1#"pipe:["}
  stat -c %N /proc/[0-9]*/fd/$2 2>/dev/null |
    grep -x "'/proc/[0-9]*/fd/$2' -> 'pipe:\[${pipe%]}]'" | tr -s "/'" ' ' | holders
}

holders() # the numbers in lines such as `proc NUMBER fd 1`
{
  while read -r proc number rest; do
    echo "$number"
  done
}

session() # who is left of its session, itself first, and outside of it
{
  left= outside=
  [ ! -e supervise/ended ] || return 1
  if look "$main"; then
    [ "$start" = "$since" ] || return 1 # a number comes again only when nobody has it as their session
    [ "$state" = Z ] || left=$main
  fi
  for each in $(matching "[0-9]* [0-9]* $main"); do
    [ "$each" != "$main" ] && look "$each" && [ "$session" = "$main" ] && [ "$state" != Z ] && left="$left $each"
  done
  outside
  left="$left$outside"
  [ -n "${left# }" ]
}

jobs_left() # what hooks have left behind
{
  outside
  left=$outside
  [ -n "$left" ]
}

remains() # FINDER: whether somebody of those is left
{
  for each in $left; do
    look "$each" && [ "$state" != Z ] && return
  done
  "$1" # or somebody whom they have started since
}

named() # NUMBER...: each with its name, which may hold anything
{
  for each in "$@"; do
    { name=$(tr -c '[:print:]' '?' <"/proc/$each/comm"); } 2>/dev/null && printf '%s\n' "$each (${name%?})"
  done
}

tell() # SIGNAL: to the process
{
  kill -s "$1" -- "$main" 2>/dev/null
}

words() # NUMBER: the first of its command line, which may be endless
{
  { head -c 65536 <"/proc/$1/cmdline" | tr '\0' ' '; } 2>/dev/null
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

"""
_WAITING = r"""ready() # FOLDER: whether the process of that service runs, and says that it is ready
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
    say "waits for $required"
    until ready "$place"; do
      sleep 0.2
    done
  done
}

installed() # FOLDER...: the runtimes, never the system's in their place
{
  for each in "$@"; do
    [ -d "$each" ] && continue
    say "there is no $each: install this version, or name another"
    exit 111
  done
}
"""

TEXT = _RUNNING + ENDING + _WAITING
