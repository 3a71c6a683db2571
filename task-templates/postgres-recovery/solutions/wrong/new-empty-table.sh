#!/usr/bin/env bash
# Makes the error go away: the table is there again, but without its rows.
set -euo pipefail

kubectl exec --namespace shop --stdin orders-0 -- \
  psql --username shop --dbname orders --quiet --set ON_ERROR_STOP=1 <<'SQL'
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, country char(2) NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, placed_at timestamptz, status text, amount_cents integer);
SQL
