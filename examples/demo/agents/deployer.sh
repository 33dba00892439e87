. agents/pace.sh
nap 1
say "formatting the scratch disk"
hms gate run -- mkfs.ext4 -q scratch.img || say "that was refused; so be it"
say "cleaning up the staging folder"
if hms gate run -- rm -r -f staging; then
  say "staging is gone"
else
  say "staging stays"
fi
while :; do
  if hms gate ask "Deploy build $(tail -n 1 BUILDS | cut -d' ' -f2) to production?"; then
    say "deploying"
    hms agent report working "deploying"
    nap 3
    say "deployed"
  else
    say "not deployed"
  fi
  hms agent report idle "nothing to deploy"
  nap 20
done
