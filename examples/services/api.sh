n=0
while :; do
  n=$((n + 1))
  echo "GET /orders/$n 200"
  sleep 1
done
