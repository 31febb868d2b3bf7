-- Runs once, when PostgreSQL starts on an empty volume: one role and its databases for Servanda, one for the engine.
-- Neither can read what is the other's; the superuser is for backup and repair only.
\set ON_ERROR_STOP on
\getenv servanda_password SERVANDA_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD

CREATE ROLE servanda LOGIN PASSWORD :'servanda_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE servanda OWNER servanda;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE CONNECT ON DATABASE servanda, temporal, temporal_visibility FROM PUBLIC;
