"""The functions of `supervision.sh` for the end of a process: what is left, hooks, and when it starts again."""

from __future__ import annotations

ENDING = r"""clock() # seconds since the start of the machine: nobody sets this one
{
  read -r now rest </proc/uptime
  now=${now%.*}
}

note_end() # EXIT SIGNAL: fails where it was told to stop
{
  clock
  up=0
  [ -e supervise/ended ] || ! known || [ -z "$began" ] || up=$((now - ${began%.*})) # not what `run` had waited before
  echo "$1 $2 $now" >supervise/ended
  ! grep -q 'want down' supervise/stat 2>/dev/null || return 1
  { tail -n 49 supervise/ends 2>/dev/null; echo "$now $1 $2 $up"; } >supervise/ends.new
  mv supervise/ends.new supervise/ends
}

often() # TIMES SECONDS: whether it has ended so often in that time, and nobody has been called in it
{
  times=0
  [ -e supervise/ends ] || return 1
  while read -r at rest; do
    [ $((now - at)) -ge "$2" ] || times=$((times + 1))
  done <supervise/ends
  [ "$times" -ge "$1" ] || return 1
  { read -r called <supervise/called && [ $((now - called)) -lt "$2" ]; } 2>/dev/null && return 1
  echo "$now" >supervise/called
}

pause() # the seconds from its last end to the next start: 1, 2, 4 and up to 60; a minute up begins again
{
  pause=0 at=0
  while read -r then code signal up; do
    at=$then
    [ "$up" -lt 60 ] || pause=0
    pause=$((pause == 0 ? 1 : pause * 2))
    [ "$pause" -le 60 ] || pause=60
  done
  [ "$at" -le "$now" ] || pause=0 # from before the machine started
}

back_off() # waits; boot and restart remove the record, and it starts at once
{
  said=
  while [ -s supervise/ends ]; do
    clock
    pause <supervise/ends
    [ $((at + pause)) -gt "$now" ] || return 0
    [ -n "$said" ] || [ "$pause" -lt 4 ] || say "it ends again and again: the next start is in $pause s"
    said=1
    sleep 0.2 >/dev/null 2>&1
  done
}

hook() # NAME SECONDS COMMAND...: that it fails is said, and written down
{
  hook=$1 seconds=$2
  shift 2
  read -r began rest </proc/uptime
  (join; exec "$@")
  code=$?
  [ "$code" != 0 ] || return 0
  read -r now rest </proc/uptime
  how="exit code $code"
  case $code in
  124 | 137) # in hundredths, which uptime has: a second of the clock may begin after any moment
    took=$(((${now%.*} - ${began%.*}) * 100 + 1${now#*.} - 1${began#*.}))
    [ "$took" -lt $((seconds * 100)) ] || how="cut off after $seconds s" ;;
  esac
  say "$hook failed: $how"
  echo "$hook $how" >>supervise/hooks
}

escaped() # EXIT CODE: what is left outside of its session, or at all where it has ended by itself as if all were well
{
  who=$outside what="is left outside of its session, and is ended"
  if [ "$1" = 0 ] && ! grep -q 'want down' supervise/stat 2>/dev/null; then
    who=$left what="runs in the background: start it in the foreground, as with \`--daemonize no\`"
  fi
  [ -n "$who" ] || return 0
  named $who | while read -r one; do
    printf '%s\n' "$one" >>supervise/escaped
    say "$one $what"
  done
}

end_checks() # what `check` has left behind, and a check that goes on
{
  found=$(cat cgroup/check/cgroup.procs 2>/dev/null)
  [ -n "$found" ] || return 0
  named $found | while read -r one; do
    say "$one of its check is ended"
  done
  kill -s KILL -- $found 2>/dev/null
  [ ! -e cgroup/check/cgroup.kill ] || echo 1 >cgroup/check/cgroup.kill
}

end() # EXIT CODE: what is left when it has ended
{
  rm -f supervise/escaped
  end_checks
  if session && { [ -z "$outside" ] || { sleep 0.1 && session; }; }; then # what ends with its parent needs a moment
    escaped "$1"
    end_all session
  fi
  end_swarm
}

end_swarm() # who is never there when looked for: each has started another by then
{
  for tenth in 1 2 3 4 5; do
    { read -r one <cgroup/cgroup.procs; } 2>/dev/null || return 0
    ! session || end_all session
    sleep 0.1
  done
  echo "$main" >supervise/killed
  say "what $main had started starts others again and again, and is killed"
  for tenth in 1 2 3 4 5 6 7 8 9 10; do
    echo 1 >cgroup/cgroup.kill
    sleep 0.1
    { read -r one <cgroup/cgroup.procs; } 2>/dev/null || return 0
  done
}

end_jobs() # what hooks left behind
{
  jobs_left || return 0
  escaped
  end_all jobs_left
}

end_all() # FINDER: all that it finds is asked, and killed after two seconds
{
  kill -s TERM -- $left 2>/dev/null
  kill -s CONT -- $left 2>/dev/null # what is paused ends when it goes on
  for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.1
    remains "$1" || return 0
  done
  "$1" || return 0
  echo "$left" >supervise/killed
  say "what $main had started is killed"
  for tenth in 1 2 3 4 5 6 7 8 9 10; do # what starts others while it is killed takes more than once
    kill -s KILL -- $left 2>/dev/null
    [ ! -e cgroup/cgroup.kill ] || echo 1 >cgroup/cgroup.kill
    sleep 0.1
    "$1" || return 0
  done
}

cut_off() # a crash that took svlogd as well took the pipe of the log with it; svlogd alone takes nothing
{
  { read -r pipe <supervise/pipe && [ -n "$pipe" ]; } 2>/dev/null || return 0
  [ -z "$(holding "$pipe" 0)" ] || return 0
  : >supervise/pipe
  echo "$main" >supervise/lost
  say "the log was cut off in a crash: the last lines of process $main may be lost"
}

end_survivor() # SECONDS: runsv died, and what it ran did not; that ends as always before anything starts: never two
{
  known && [ ! -e supervise/ended ] || return 0
  cut_off
  session || return 0
  say "process $main of an earlier start still runs; it ends first"
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
  known && end -1 # had `finish` been there, nothing is left
}

"""
