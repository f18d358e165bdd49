#!/bin/bash
# Makes one role and one database for each process, as `vereda up` does: no role can reach another's database.
set -euo pipefail

for name in partners referrals grants gateway; do
  variable="$(echo "$name" | tr '[:lower:]' '[:upper:]')_PASSWORD"
  psql --set ON_ERROR_STOP=1 --username postgres --set role="vereda_$name" --set password="${!variable}" <<'SQL'
CREATE ROLE :"role" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
