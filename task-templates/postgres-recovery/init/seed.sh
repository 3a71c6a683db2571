#!/usr/bin/env bash
# Fills the database as the shop would have: the same rows in every boot, so that the checks know them.
set -euo pipefail

kubectl exec --namespace shop --stdin orders-0 -- \
  psql --username shop --dbname orders --quiet --set ON_ERROR_STOP=1 <<'SQL'
BEGIN;
CREATE TABLE customers (
  id      integer PRIMARY KEY,
  name    text NOT NULL,
  country char(2) NOT NULL
);
CREATE TABLE orders (
  id           integer PRIMARY KEY,
  customer_id  integer NOT NULL REFERENCES customers,
  placed_at    timestamptz NOT NULL,
  status       text NOT NULL CHECK (status IN ('paid', 'shipped', 'returned')),
  amount_cents integer NOT NULL CHECK (amount_cents > 0)
);
INSERT INTO customers
SELECT n,
       (ARRAY['Adam', 'Berta', 'Chiara', 'Dmitri', 'Elif', 'Femi', 'Grace', 'Hugo'])[1 + n % 8] || ' ' || n,
       (ARRAY['DE', 'FR', 'IT', 'PL', 'TR'])[1 + n % 5]
FROM generate_series(1, 240) AS n;
INSERT INTO orders
SELECT n,
       1 + (n * 37) % 240,
       timestamptz '2026-03-01 08:00:00+00' + n * interval '11 minutes',
       (ARRAY['paid', 'shipped', 'shipped', 'shipped', 'returned'])[1 + n % 5],
       500 + (n * 7919) % 24500
FROM generate_series(1, 1842) AS n;
CREATE INDEX orders_by_customer ON orders (customer_id, placed_at);
COMMIT;
-- On disk before the change comes, whatever happens to the server.
CHECKPOINT;
SQL
