. agents/pace.sh
while :; do
  hms agent report working "printing"
  awk 'BEGIN { for (i = 1; i <= 20000; i++) printf "%06d a line among many, %s\n", i, "lorem ipsum dolor sit amet" }'
  say "20000 lines"
  hms agent report idle "printed 20000 lines"
  nap 10
done
