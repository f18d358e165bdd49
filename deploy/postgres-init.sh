#!/bin/bash
# Makes two roles and one database for each process, as `vereda up` does: the owner, and the role in which requests are
# answered, which owns nothing. No role can reach another's database. May be run again at any time:
#   docker compose exec postgres /docker-entrypoint-initdb.d/10-vereda.sh
set -euo pipefail

for name in partners referrals grants gateway; do
  variable="$(echo "$name" | tr '[:lower:]' '[:upper:]')_PASSWORD"
  psql --quiet --set ON_ERROR_STOP=1 --username postgres --set role="vereda_$name" --set requests="vereda_${name}_request" \
    --set password="${!variable}" <<'SQL'
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY[:'role', :'requests']) AS role
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE :"role" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER ROLE :"requests" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"requests";
SQL
done
