#!/usr/bin/env bash
# Tests of the load generator: a benchmark that cannot see failures is a defect.
# Exit code 77: skipped, there is no Go.
#
#   go_test.sh CACHE-FOLDER    the folder is used where there is no home for Go's own cache
set -euo pipefail

if ! command -v go >/dev/null 2>&1; then
  printf 'go_test: skipped: Go is not installed\n'
  exit 77
fi
cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-buildvcs=false
if [[ -z ${HOME-} && -z ${XDG_CACHE_HOME-} && -z ${GOCACHE-} ]]; then export GOCACHE="$1"; fi
go test -count=1 .
