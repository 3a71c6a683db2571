#!/usr/bin/env bash
# A night's payments and refunds, so that the log of checkout tells what customers see. It ends once the new timeout is
# heeded everywhere: the third call in a row to the bank is given up then.
set -euo pipefail

post() { curl --silent --output /dev/null --write-out '%{http_code}\n' --max-time 5 -X POST "http://checkout.shop.svc.cluster.local/$1?id=$2"; }

for night in {1..20}; do
  answers=$(for n in 1 2 3 4 5 6; do post payments "night-$night-$n"; done; for n in 1 2 3; do post refunds "night-$night-$n"; done)
  if ((night > 1)) && grep -q 504 <<<"$answers" && ! grep -q 502 <<<"$answers"; then exit 0; fi
done
echo "what customers were answered at last: ${answers//$'\n'/ }"
exit 1
