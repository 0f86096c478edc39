# shellcheck shell=bash
# What tools/run and tools/test share: where the tree is, one line per step, building a preset.
# Sourced, never run.

root="$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)"
program="tools/$(basename -- "$0")"
logs="$root/build/logs"
current_step=''
at_exit=()

# Debian keeps nginx and friends where only root's PATH looks.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

say() { printf '[sluice] %s\n' "$*"; }

# step <text>: says what happens next; if the script fails, this is the step that failed.
step() {
  current_step="$*"
  say "$*"
}

die() {
  printf '%s: %s\n' "$program" "$*" >&2
  current_step=''
  exit 1
}

# finish is the EXIT trap: undoes what is left to undo and names the failed step in the last line.
finish() {
  local status=$? undo
  trap - EXIT
  for undo in "${at_exit[@]}"; do "$undo" || true; done
  if ((status != 0)) && [[ -n $current_step ]]; then
    printf '%s: failed (exit code %d) while: %s\n' "$program" "$status" "$current_step" >&2
  fi
  exit "$status"
}
trap finish EXIT

[[ ${SLUICE_JOBS-1} =~ ^[1-9][0-9]*$ ]] || die "SLUICE_JOBS=$SLUICE_JOBS: a number from 1 on"

# quietly <log name> <command...>: output goes to build/logs/<name>.log; its end is shown if it fails.
quietly() {
  local log="$logs/$1.log" status=0
  shift
  mkdir -p "$logs"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) && return 0
  tail -n 40 "$log" >&2
  printf '%s: the whole output is in %s\n' "$program" "$log" >&2
  return "$status"
}

# jobs_at_once: one compiler per core, but no more than memory allows (an Asio unit takes 1-2 GB
# under a sanitizer). SLUICE_JOBS overrides.
jobs_at_once() {
  local cores by_memory
  cores="$(nproc)"
  by_memory="$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo)"
  if [[ -n ${SLUICE_JOBS-} ]]; then
    cores="$SLUICE_JOBS"
  elif ((by_memory < cores)); then
    cores=$((by_memory > 0 ? by_memory : 1))
  fi
  printf '%s' "$cores"
}

# Compiler cache: only what nobody has chosen otherwise. The base folder lets two copies of the tree
# share results; the sloppiness is what precompiled headers need to be cached at all.
set_up_ccache() {
  export CCACHE_BASEDIR="${CCACHE_BASEDIR-$root}"
  export CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR-true}"
  export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS-pch_defines,time_macros}"
  if [[ -z ${HOME-} && -z ${CCACHE_DIR-} && -z ${XDG_CACHE_HOME-} ]]; then
    export CCACHE_DIR="$root/.cache/ccache"
  fi
}

# configure_once <preset> [cmake option...]: nothing to do while CMakePresets.json is unchanged; the
# build itself notices changed CMakeLists.txt files.
configure_once() {
  local stamp="$root/build/$1/.configured"
  if [[ -f $stamp && ! $root/CMakePresets.json -nt $stamp ]] && made_here "$root/build/$1"; then
    return 0
  fi
  configure "$@"
}

# configure <preset> [cmake option...]
configure() {
  local preset="$1" folder="$root/build/$1"
  step "configuring $preset"
  made_here "$folder" || rm -rf -- "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  (cd -- "$root" && quietly "configure-$preset" cmake --preset "$preset" "${@:2}")
  touch -- "$folder/.configured"
}

# made_here <build folder>: false when it was configured for a tree in another place.
made_here() {
  [[ -f $1/CMakeCache.txt ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$1/CMakeCache.txt"
}

# in_place <preset> <command...>: runs it; for tsan without address randomisation where that may be
# switched off, because the thread sanitizer of g++ 12 and 13 cannot start under the widest one.
in_place() {
  local -a fixed=(setarch "$(uname -m)" --addr-no-randomize)
  if [[ $1 != tsan ]] || ! "${fixed[@]}" true 2>/dev/null; then fixed=(); fi
  "${fixed[@]}" "${@:2}" </dev/null
}

# build <preset> [target]: tests may run while they are built, to list their cases.
build() {
  local -a target=()
  local jobs
  jobs="$(jobs_at_once)"
  [[ -z ${2-} ]] || target=(--target "$2")
  step "building $1${2:+ ($2)}"
  in_place "$1" cmake --build "$root/build/$1" --parallel "$jobs" "${target[@]}"
}
