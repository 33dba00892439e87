# Beats after each job, and hangs once there is a file `stuck`: it prints on, but no job is done.
job=0
while :; do
  if [ -e stuck ]; then
    rm stuck
    while :; do
      echo "waiting for a lock"
      sleep 1
    done
  fi
  job=$((job + 1))
  sleep 1
  echo "job $job done"
  "$HMS_BIN" agent beat
done
