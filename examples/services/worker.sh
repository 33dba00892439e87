for job in 1 2 3 4 5; do
  echo "job $job done"
  sleep 1
done
echo "out of memory" >&2
exit 137
