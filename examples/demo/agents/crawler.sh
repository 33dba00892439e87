. agents/pace.sh
page=0
while :; do
  page=$((page + 1))
  say "GET /page/$page"
  nap 0.7
  if [ "$page" -ge 6 ]; then
    say "out of memory"
    kill -9 $$
  fi
done
