#!/bin/sh
# Creates the engine's two databases where they are missing, and brings their schemas to this release. Safe to run again.
set -eu
tool="temporal-sql-tool --plugin postgres12 --ep postgresql -p 5432 -u temporal"
prepare() {
  $tool --db "$1" create || echo "database $1 is there"
  $tool --db "$1" setup-schema -v 0.0 || echo "schema of $1 is there"
  $tool --db "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}
prepare temporal temporal
prepare temporal_visibility visibility
