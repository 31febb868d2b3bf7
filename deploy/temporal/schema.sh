#!/bin/sh
# Brings both databases of the engine to the form of this release of the admin tools. Safe to run again: a database that
# has a version keeps it and only gets what is newer.
set -eu

for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%%:*} schema=${pair##*:}
    echo "schema of the database $database"
    temporal-sql-tool --database "$database" setup-schema --version 0.0
    temporal-sql-tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
