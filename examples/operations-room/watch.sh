# watch SECONDS COMMAND, where there is no watch(1).
while :; do
  out=$(sh -c "$2" 2>&1)
  printf '\033[H\033[2J%s\n' "$out"
  sleep "$1"
done
