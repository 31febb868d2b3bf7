#!/bin/sh
# Makes the namespace where it is missing: closed tickets stay visible for 30 days.
set -eu
address="--address temporal:7233"
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  temporal operator cluster health $address && break
  echo "the engine is not ready ($attempt)"
  sleep 3
done
temporal operator namespace describe -n default $address || temporal operator namespace create -n default --retention 30d $address
