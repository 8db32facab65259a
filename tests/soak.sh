#!/usr/bin/env bash
# Transfers through bad weather, as many rounds as one likes: tests/soak says what a round is and what must hold.
#
#   tests/soak.sh                        10,000 rounds, by a seed that is drawn
#   tests/soak.sh 500                    so many
#   tests/soak.sh 500 42                 by this seed
#
# A failure ends the run and tells the whole story of its round, with the two variables that play that round alone again:
#
#   FTPANE_SOAK_SEED=42 FTPANE_SOAK_ROUND=317 cargo test --features demo --test soak
#
# Needs the servers of .ci/servers. Takes about half a second a round.
set -euo pipefail
cd "$(dirname "$0")/.."

export FTPANE_SOAK_ROUNDS=${1:-10000}
export FTPANE_SOAK_SEED=${2:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
export FTPANE_REQUIRE_SERVERS=1

printf 'soak: %s rounds of seed %s\n' "$FTPANE_SOAK_ROUNDS" "$FTPANE_SOAK_SEED"
exec cargo test --features demo --test soak -- --nocapture
