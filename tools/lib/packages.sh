# shellcheck shell=bash
# Distribution packages for tools/run, tools/test and tools/bench, on Debian 12, Debian 13 and Ubuntu 24.04.
# Sourced after common.sh. apt is touched only when something is missing.
#
# SLUICE_PACKAGES=auto   install what is missing (default)
# SLUICE_PACKAGES=print  say what would be installed, then stop
# SLUICE_PACKAGES=skip   take what is there (other distributions, own builds of the libraries)

packages_mode="${SLUICE_PACKAGES:-auto}"
missing=()          # one entry per missing need: its packages, best first, separated by spaces
missing_optional=() # the same, for what a test can do without
readonly service_guard=/usr/sbin/policy-rc.d
readonly service_guard_mark='# made by sluice, only while it installs packages'

case "$packages_mode" in
  auto | print | skip) ;;
  *) die "SLUICE_PACKAGES=$packages_mode: auto, print or skip" ;;
esac

# --- what there is ------------------------------------------------------------------------------
have_command() { command -v -- "$1" >/dev/null 2>&1; }

have_package() {
  # shellcheck disable=SC2016  # the format is dpkg-query's
  [[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" == ?i* ]]
}

have_any_package() {
  local package
  for package in "$@"; do have_package "$package" && return 0; done
  return 1
}

# need_command <command> <package...>: the packages are alternatives, best first.
need_command() { have_command "$1" || missing+=("${*:2}"); }
need_package() { have_any_package "$@" || missing+=("$*"); }
want_command() { have_command "$1" || missing_optional+=("${*:2}"); }

# Any Boost from 1.81 on will do, wherever it came from.
need_boost() {
  local header
  for header in /usr/local/include/boost/version.hpp /usr/include/boost/version.hpp; do
    [[ -r $header ]] || continue
    awk '/^#define BOOST_VERSION / { good = $3 >= 108100 } END { exit !good }' "$header" && return 0
    break
  done
  local version names=''
  for version in 81 83 84 85 86 87 88 89 90; do names+="${names:+ }libboost1.$version-dev"; done
  missing+=("$names")
}

# --- what is needed -----------------------------------------------------------------------------
need_to_build() {
  [[ -n ${CXX-} ]] || need_command g++ g++
  need_command cmake cmake
  need_command ninja ninja-build
  need_command ccache ccache
  need_command pkg-config pkg-config pkgconf
  need_boost
  need_package libssl-dev
  need_package zlib1g-dev
  need_package libtomlplusplus-dev
  need_package libfmt-dev
  need_package libspdlog-dev
  need_package libcli11-dev
  need_package libpugixml-dev
  need_package prometheus-cpp-dev
  need_package ca-certificates
}

need_for_unit_tests() {
  need_package catch2
  need_command python3 python3
}

need_for_all_tests() {
  need_for_unit_tests
  need_command nginx nginx nginx-light
  need_command ffmpeg ffmpeg
  need_command ffprobe ffmpeg
  need_command openssl openssl
  need_command curl curl
  need_command tinyproxy tinyproxy-bin tinyproxy
  need_command squid squid
  need_command danted dante-server
  need_command microsocks microsocks
  need_command ps procps
  need_command promtool prometheus
  need_package python3-venv
  need_package libbenchmark-dev
  want_command clang-format-14 clang-format-14
  want_command clang-tidy-14 clang-tidy-14
  need_browser
}

# Also for the micro benchmarks, whose library is the last one; tests only see that they run. procps shows who else is busy.
need_to_benchmark() {
  need_command go golang-go
  need_command nginx nginx nginx-light
  need_command haproxy haproxy
  need_command openssl openssl
  need_command python3 python3
  need_command ps procps
  need_package libbenchmark-dev
}

# find_browser: sets and exports CHROMIUM when there is a browser the tests can drive. Ubuntu's
# chromium-browser package is a stub that starts a snap, which cannot be driven headless from here.
find_browser() {
  local name path
  if [[ -n ${CHROMIUM-} ]]; then
    have_command "$CHROMIUM" || die "CHROMIUM=$CHROMIUM: no such program"
    export CHROMIUM
    return 0
  fi
  for name in chromium google-chrome-stable google-chrome chromium-browser; do
    path="$(command -v -- "$name")" || continue
    head -c 4096 -- "$path" | grep -qa '/snap/bin/' && continue
    export CHROMIUM="$path"
    return 0
  done
  return 1
}

# The browser and what drives it. Where there is no real Chromium package its test is skipped.
need_browser() {
  if ! find_browser; then
    case "$(distribution)" in
      debian) missing+=('chromium') ;;
      ubuntu) return 0 ;;
      *) missing_optional+=('chromium') ;;
    esac
  fi
  need_command node nodejs
  need_command npm npm
}

distribution() (
  ID=unknown
  # shellcheck disable=SC1091  # the machine's own file
  [[ ! -r /etc/os-release ]] || . /etc/os-release
  printf '%s' "$ID"
)

# --- installing ---------------------------------------------------------------------------------
as_root() {
  if ((EUID == 0)); then "$@"; else sudo -- "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y -q "$@"
}

# candidate <package...>: the first that the package lists know, if any.
candidate() {
  local package policy
  for package in "$@"; do
    policy="$(apt-cache policy "$package" 2>/dev/null)" || continue
    if [[ $policy == *'Candidate: '[^\(]* ]]; then
      printf '%s' "$package"
      return 0
    fi
  done
  return 1
}

# resolve <array name> <alternatives...>: appends the package to take. False if there is none.
resolve() {
  local -n into="$1"
  local found
  found="$(candidate "${@:2}")" || return 1
  [[ " ${into[*]} " == *" $found "* ]] || into+=("$found")
}

# refuse_service_starts <service...>: a package may start its service as it is installed (nginx:
# port 80). While ours are installed, these may not. A policy of the machine's own is left as it is.
refuse_service_starts() {
  [[ ! -e $service_guard ]] || grep -qxF "$service_guard_mark" "$service_guard" || return 0
  local names
  printf -v names '%s*|' "$@"
  # shellcheck disable=SC2016  # expanded by the policy script
  printf '%s\n' '#!/bin/sh' "$service_guard_mark" "case \"\$1\" in ${names%|}) exit 101 ;; esac" 'exit 0' |
    as_root tee "$service_guard" >/dev/null
  as_root chmod 755 "$service_guard"
  at_exit+=(allow_service_starts)
}

allow_service_starts() {
  if [[ -f $service_guard ]] && grep -qxF "$service_guard_mark" "$service_guard"; then
    as_root rm -f -- "$service_guard"
  fi
}

# new_services <package...>: the services that installing these packages would bring, one per line.
new_services() {
  local service package
  # The space keeps prometheus-cpp-dev, a library, apart.
  for service in nginx haproxy squid danted:dante-server tinyproxy microsocks 'prometheus:prometheus '; do
    package="${service#*:}"
    service="${service%%:*}"
    if ! have_command "$service" && [[ " $* " == *" $package"* ]]; then printf '%s\n' "$service"; fi
  done
}

# install_packages <package...>. --no-remove: nothing that someone else wanted is taken away.
install_packages() {
  local -a services
  mapfile -t services < <(new_services "$@")
  if ((${#services[@]} > 0)); then refuse_service_starts "${services[@]}"; fi
  quietly packages apt_get install --no-install-recommends --no-remove "$@"
  if ((${#services[@]} == 0)); then return 0; fi
  allow_service_starts
  local service
  for service in "${services[@]}"; do
    have_command systemctl || break
    as_root systemctl disable "$service.service" >/dev/null 2>&1 || true
  done
  say "for tests and measurements only, their system services neither started nor enabled: ${services[*]}"
}

# check_missing <needs...>: runs the given need_... functions.
check_missing() {
  local need
  missing=()
  missing_optional=()
  for need in "$@"; do "$need"; done
}

# first_names <array name>: the packages to name, known to the package lists or not.
first_names() {
  local -n needs="$1"
  local need names=()
  # shellcheck disable=SC2086  # a need is a list of names
  for need in "${needs[@]}"; do resolve names $need || names+=("${need%% *}"); done
  printf '%s' "${names[*]}"
}

check_may_install() {
  local names
  names="$(first_names missing)"
  have_command apt-get ||
    die "this system has no apt. Install what Debian calls: $names - and run again with SLUICE_PACKAGES=skip"
  if ((EUID == 0)); then return 0; fi
  have_command sudo ||
    die "packages are missing, and this is neither root nor is there sudo. As root: apt-get install $names"
  say "sudo is used to install: $names"
  sudo -- true || die "sudo refused. As root: apt-get install $names"
}

# choose: fills `chosen` and `extra` from what is missing.
choose() {
  local need
  # shellcheck disable=SC2086  # a need is a list of names
  for need in "${missing[@]}"; do
    resolve chosen $need || die "the package lists of this system have none of: ${need// /, }"
  done
  # shellcheck disable=SC2086
  for need in "${missing_optional[@]}"; do resolve extra $need || true; done
}

read_package_lists() {
  step 'reading the package lists (apt-get update)'
  quietly package-lists apt_get update ||
    say 'the package lists could not be read; going on with the old ones'
}

# install_what_is_missing <needs...>
install_what_is_missing() {
  local -a chosen=() extra=()
  if [[ $packages_mode == skip ]]; then return 0; fi
  check_missing "$@"
  if [[ $packages_mode == print ]]; then
    choose
    say "would install: ${chosen[*]}${extra[*]:+ ${extra[*]}}"
    exit 0
  fi
  if ((${#missing[@]} > 0)); then
    check_may_install
    read_package_lists
  fi
  choose
  if ((${#chosen[@]} > 0)); then
    step "installing: ${chosen[*]}${extra[*]:+ ${extra[*]}}"
    install_packages "${chosen[@]}" "${extra[@]}"
    check_missing "$@"
    ((${#missing[@]} == 0)) || die "still missing after installing: $(first_names missing)"
  elif ((${#extra[@]} > 0)) && ((EUID == 0)); then
    step "installing: ${extra[*]}"
    install_packages "${extra[@]}" || say "not installed; checks that need it are skipped"
  fi
}

# With CXX set the choice is the caller's, and CMake's to judge.
check_compiler() {
  local version
  if [[ -n ${CXX-} ]]; then return 0; fi
  have_command g++ || die 'there is no g++, and CXX names no other compiler'
  version="$(g++ -dumpversion)"
  ((${version%%.*} >= 12)) || die "g++ $version is too old: version 12 or newer is needed"
}
