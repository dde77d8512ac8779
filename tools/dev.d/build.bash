# Configuring and building, quiet when there is nothing to do.

preset=dev

# jobs: parallel compilers, one per core where each can have 1.5 GiB
jobs() {
  if [ -n "${WEIR_JOBS:-}" ]; then
    echo "$WEIR_JOBS"
    return
  fi
  awk -v cores="$(nproc)" '/MemAvailable/ { n = int($2 / 1572864); print n < 1 ? 1 : n < cores ? n : cores }' /proc/meminfo
}

# show_progress: of lines that start with [n/m], keeps one line up to date on a terminal and prints every tenth part
# elsewhere; all other lines pass.
show_progress() {
  local terminal=0
  [ -t 2 ] && terminal=1
  awk -v terminal="$terminal" '
    function clear() { if (shown) printf "\r\033[K" > "/dev/stderr"; shown = 0 }
    match($0, /^\[ *[0-9]+\/[0-9]+\]/) {
      split(substr($0, 2, RLENGTH - 2), part, "/")
      if (part[2] + 0 < 1) next
      if (terminal) {
        clear(); printf "%s", substr($0, 1, 100) > "/dev/stderr"; fflush("/dev/stderr"); shown = 1
      } else if (part[2] > 9) {
        now = int(10 * part[1] / part[2])
        if (now > tenth) { print; fflush() }
        tenth = now
      }
      next
    }
    { clear(); print; fflush() }
    END { clear() }'
}

# configure: when the build folder is new, or the presets or the flags may have changed
configure() {
  local folder="build/$preset"
  if [ -f "$folder/build.ninja" ] && [ ! CMakePresets.json -nt "$folder/build.ninja" ]; then return; fi
  mkdir -p "$folder"
  say "configuring $folder"
  if ! cmake --preset "$preset" >"$folder/configure.log" 2>&1; then
    cat "$folder/configure.log" >&2
    fail "cmake failed; what it said is above and in $folder/configure.log"
  fi
  touch "$folder/build.ninja"
}

# build_targets TARGET...
build_targets() {
  local status
  set +e
  NINJA_STATUS='[%f/%t] ' cmake --build "build/$preset" -j "$(jobs)" --target "$@" 2>&1 |
    grep --line-buffered -v -E '^ninja: no work to do|Re-checking globbed directories|^-- |^ninja: Entering|Re-running CMake' |
    show_progress
  status="${PIPESTATUS[0]}"
  set -e
  [ "$status" -eq 0 ] || fail "the build of $preset failed"
}

# Takes `--preset P` out of the arguments; what is left is in $rest.
take_preset() {
  rest=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --preset)
        [ $# -gt 1 ] || fail_usage "--preset needs a name"
        preset="$2"
        shift
        ;;
      --preset=*) preset="${1#--preset=}" ;;
      *) rest+=("$1") ;;
    esac
    shift
  done
  case "$preset" in
    dev | release | asan | tsan) ;;
    *) fail_usage "no preset '$preset'; there are dev, release, asan and tsan" ;;
  esac
}

build_command() {
  take_preset "$@"
  need build
  configure
  build_targets "${rest[@]:-all}"
  say "built in build/$preset"
}
