#!/usr/bin/env bash
# Tests of the load generator: a benchmark that cannot see failures is a defect.
# Exit code 77: skipped, there is no Go.
#
#   go_test.sh CACHE-FOLDER
set -euo pipefail

if ! command -v go >/dev/null 2>&1; then
  printf 'go_test: skipped: Go is not installed\n'
  exit 77
fi
cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-buildvcs=false GOCACHE="$1"
go vet .
go test -count=1 .
