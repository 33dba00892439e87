. agents/pace.sh
say "let me think about that"
while :; do
  nap 15
  say "hm."
  nap 45
done
