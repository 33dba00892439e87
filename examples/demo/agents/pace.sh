# How fast the demo goes: `nap 2` sleeps two beats. HMS_DEMO_BEAT is a beat in seconds (default 1).
nap() {
  sleep "$(awk -v n="$1" -v beat="${HMS_DEMO_BEAT:-1}" 'BEGIN { printf "%.2f", n * beat }')"
}
say() {
  printf '\033[2m%s\033[0m %s\n' "$(date +%H:%M:%S)" "$*"
}
hms() {
  "$HMS_BIN" "$@"
}
