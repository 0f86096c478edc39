#!/usr/bin/env bash
# Checks that every C++ file of the tree is as clang-format 14 writes it.
#
#   check_format.sh          exit code 0: all is well; 1: some files differ; 77: no clang-format 14
#   check_format.sh --fix    rewrites the files that differ
#
# Other versions of clang-format write some things differently, so they are not asked.
set -euo pipefail

cd -P -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.."

find_clang_format() {
  local name
  for name in clang-format-14 clang-format; do
    if [[ "$("$name" --version 2>/dev/null)" == *' version 14.'* ]]; then
      printf '%s' "$name"
      return 0
    fi
  done
  return 1
}

# What git knows or would add; in a tree without git, what lies in the folders of the sources.
list_files() {
  git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' 2>/dev/null ||
    find cmake include src tests \( -name node_modules -o -name build \) -prune -o \
      -type f \( -name '*.cpp' -o -name '*.hpp' \) -print0
}

case "${1-}" in
  '') mode=(--dry-run -Werror) ;;
  --fix) mode=(-i) ;;
  *)
    printf 'usage: check_format.sh [--fix]\n' >&2
    exit 2
    ;;
esac

if ! clang_format="$(find_clang_format)"; then
  printf 'check_format: skipped: clang-format 14 is not installed\n'
  exit 77
fi

# A file that git still lists may be gone from the tree.
mapfile -d '' -t listed < <(list_files)
files=()
for file in "${listed[@]}"; do [[ ! -f $file ]] || files+=("$file"); done
if ((${#files[@]} == 0)); then
  printf 'check_format: there are no C++ files in %s\n' "$PWD" >&2
  exit 2
fi

if printf '%s\0' "${files[@]}" |
  xargs -0 -n 16 -P "$(nproc)" -- "$clang_format" --style=file "${mode[@]}" --; then
  printf 'check_format: %d files\n' "${#files[@]}"
else
  printf 'check_format: tools/lint/check_format.sh --fix puts it right\n' >&2
  exit 1
fi
