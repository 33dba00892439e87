# Each step is held until enough people have agreed (room.cedar); what happened goes into the log.
hms() {
  "$HMS_BIN" "$@"
}
step() {
  if hms gate run -- "$@"; then
    echo "$(date +%T) done: $*" >> runbook.log
  else
    echo "$(date +%T) refused: $*" >> runbook.log
  fi
}
while :; do
  hms agent report idle "waiting for the next drill"
  hms gate ask "Begin the drill: drain the service, then put it back?" || { sleep "${PAUSE:-60}"; continue; }
  hms agent report working "drill"
  step touch DRAINED
  step rm -f DRAINED
  sleep "${PAUSE:-60}"
done
