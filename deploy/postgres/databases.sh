#!/bin/bash
# The image runs this once, on an empty volume: a database and an owner of it for each of the three.
set -euo pipefail
for name in segment mlflow prefect; do
  variable="$(echo "$name" | tr '[:lower:]' '[:upper:]')_DB_PASSWORD"
  psql --username postgres --set ON_ERROR_STOP=1 --set "name=$name" --set "password=${!variable}" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
SQL
done
