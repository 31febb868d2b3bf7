#!/bin/sh
# Creates the namespace if the engine has none of that name, and waits until it answers. Safe to run again.
# TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_RETENTION say where, which, and how long closed histories are kept.
set -eu

tries=60
until_it_works() {
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ]; then
            echo "error: gave up waiting; the last try:" >&2
            "$@"
            exit 1
        fi
        sleep 2
    done
}

until_it_works temporal operator cluster health
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    echo "the namespace $TEMPORAL_NAMESPACE is there"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi
until_it_works temporal workflow count --namespace "$TEMPORAL_NAMESPACE"
