# Asks before each step that matters. `hms gate run` runs exactly what was approved, or exits with 77.
hms() {
  "$HMS_BIN" "$@"
}
while :; do
  if hms gate ask "Cut a release?"; then
    hms agent report working "cutting a release"
    hms gate run -- touch RELEASE || echo "not released"
  fi
  hms agent report idle "nothing to release"
  sleep "${PAUSE:-300}"
done
