. agents/pace.sh
n=0
while :; do
  n=$((n + 1))
  hms agent report working "build $n"
  for unit in parser planner writer; do
    printf '\033[36mcompile\033[0m src/%s.c\n' "$unit"
    nap 0.4
  done
  printf 'build %d\n' "$n" >> BUILDS
  printf '\033[32mbuilt\033[0m in %d steps\n' 3
  say "asking to commit build $n"
  if hms gate run -- git commit --quiet --all --message "Build $n"; then
    say "committed: $(git log -1 --format=%h\ %s)"
  else
    say "not committed; going on without"
  fi
  hms agent report idle "waiting for changes"
  nap 12
done
