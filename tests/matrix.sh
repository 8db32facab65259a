#!/usr/bin/env bash
# The whole matrix of servers, the files of five gigabytes too: tests/matrix says what a cell is and what must hold.
#
#   tests/matrix.sh                      every cell with every server, and then the table in docs/servers.md
#   tests/matrix.sh 'vsftpd / plain'     the cells whose name has this in it, and no table
#
# A name is `server / security / address / data / operation`, with the words of tests/data/matrix.toml. The same words choose among the cells that
# `cargo test` runs:
#
#   FTPANE_MATRIX_ONLY='pure-ftpd' cargo test --features demo --test matrix
#
# Needs the servers of .ci/servers, 12 GB where temporary files go ($TMPDIR; memory where /dev/shm has as much), and about half an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

export FTPANE_MATRIX=all FTPANE_MATRIX_ONLY=${1:-} FTPANE_REQUIRE_SERVERS=1
if [ -z "${TMPDIR:-}" ] && [ "$(df --output=avail -BG /dev/shm 2>/dev/null | tr -dc '0-9')" -ge 12 ]; then
    export TMPDIR=/dev/shm
fi

matrix() { cargo test --features demo --test matrix -- --test-threads=1 "$@"; }

if [ -n "$FTPANE_MATRIX_ONLY" ]; then
    matrix does_what_the_matrix_says
    exit
fi
rm -rf target/tmp/matrix
matrix does_what_the_matrix_says
matrix --ignored the_table_is_written_from_what_was_found
