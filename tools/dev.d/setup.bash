# What each command needs from Debian 12, and how it gets there.

packages_build=(g++ cmake ninja-build ccache mold pkg-config git python3 zstd catch2
  capnproto libcapnp-dev libcaf-dev libabsl-dev libxxhash-dev libspdlog-dev libsimdjson-dev libzstd-dev zlib1g-dev
  libcpp-httplib-dev libssl-dev libboost-program-options-dev librocksdb-dev libjemalloc-dev)
packages_check=(clang-format-16 clang-tidy-16)

say() { echo "tools/dev: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

fail_usage() {
  say "$*; see tools/dev help"
  exit 2
}

# need SET...: installs the packages of the named sets that are missing
need() {
  [ -z "${WEIR_NO_SETUP:-}" ] || return 0
  local wanted=() missing=() set packages installed name
  for set in "$@"; do
    packages="packages_${set}[@]"
    wanted+=("${!packages}")
  done
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian, so nothing is installed for you. Needed, by Debian 12's names: ${wanted[*]}"
    say "install them your way, then run this again with WEIR_NO_SETUP=1"
    exit 1
  fi
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "${wanted[@]}" 2>/dev/null || true) "
  for name in "${wanted[@]}"; do
    [[ "$installed" == *" installed:$name "* ]] || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "missing packages, and neither root nor sudo is here. Run as root: apt-get install $*"
    as_root=(sudo --preserve-env=DEBIAN_FRONTEND)
    sudo -n true 2>/dev/null || [ -t 0 ] || fail "missing packages, and sudo asks for a password. Run: sudo apt-get install $*"
  fi
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "${ID:-}${VERSION_ID:-}")" = debian12 ] ||
    say "this is not Debian 12: packages of other versions may not fit together"
  local log="$root/build/setup.log"
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p "$root/build"
  say "installing $# Debian packages: $*"
  if ! apt_install "$log" "$@"; then
    say "refreshing the package lists"
    "${as_root[@]}" apt-get update -q >>"$log" 2>&1 || fail "apt-get update failed; the end of $log: $(tail -n 3 "$log")"
    apt_install "$log" "$@" || fail "apt-get install failed; the end of $log: $(tail -n 5 "$log")"
  fi
  say "installed"
}

# Progress comes from apt's status lines, `dlstatus:file:percent:text` and then `pmstatus:package:percent:text`. Their
# descriptor is opened inside sudo, which would close it.
apt_install() {
  local log="$1" status
  shift
  [ -n "$(find /var/lib/apt/lists -name '*_Packages*' -print -quit 2>/dev/null)" ] || return 1
  : >>"$log"
  set +e
  # shellcheck disable=SC2016
  "${as_root[@]}" sh -c 'exec apt-get "$@" 3>&1 >>"$0" 2>&1 </dev/null' "$log" -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold install -y -q --no-install-recommends "$@" |
    awk -F: '
      /^dlstatus:/ { printf "[%d/100] %s\n", $3 / 2, $4; fflush() }
      /^pmstatus:/ { printf "[%d/100] %s\n", 50 + $3 / 2, $4; fflush() }' | show_progress >&2
  status="${PIPESTATUS[0]}"
  set -e
  return "$status"
}
