#!/usr/bin/env bash
# Passes when the rows are those that were seeded: their number, their amounts and their last one.
set -euo pipefail

found=$(kubectl exec --namespace shop orders-0 --container postgres -- \
  psql --username shop --dbname orders --no-psqlrc --tuples-only --no-align --field-separator ' ' \
  --command 'SELECT count(*), sum(amount_cents), max(placed_at AT TIME ZONE $$UTC$$)::text FROM orders JOIN customers ON customers.id = customer_id')
wanted='1842 23515357 2026-03-15 09:42:00'
if [[ "$found" != "$wanted" ]]; then
  echo "rows, sum and last order: $found; wanted: $wanted"
  exit 1
fi
