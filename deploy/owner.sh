#!/bin/sh
# Run once by the postgres image, on its empty volume: BigLedger's database and its owner, who is no superuser.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE bigledger LOGIN CREATEROLE NOSUPERUSER PASSWORD :'password';
CREATE DATABASE bigledger OWNER bigledger;
SQL
