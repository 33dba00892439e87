echo "store: ready"
while :; do
  sleep 5
  echo "store: $(date +%T) saved"
done
