#!/bin/sh
# Runs once, when the database server is new: Servanda's own user and database beside the engine's.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$SERVANDA_DB_PASSWORD" --username temporal --dbname postgres <<'SQL'
CREATE USER servanda WITH PASSWORD :'password';
CREATE DATABASE servanda OWNER servanda;
SQL
