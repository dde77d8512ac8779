# Tests, then the checks; the last lines are ctest's.

test_command() {
  local filter="" status=0 log closing
  take_preset "$@"
  [ ${#rest[@]} -le 1 ] || fail_usage "test: one filter at most, got '${rest[*]}'"
  filter="${rest[0]:-}"
  case "$filter" in -*) fail_usage "test: unknown option '$filter'" ;; esac

  if [ -z "$filter" ]; then need build check; else need build; fi
  configure
  build_targets all
  log="$root/build/$preset/test.log"
  run_ctest "$filter" "$log" || status=1
  if [ -z "$filter" ]; then
    run_checks --fast || {
      status=1
      say "the checks failed: see above"
    }
  fi
  closing="$(sed -n '/^[0-9]*% tests passed/,$p' "$log" | grep -v '^Errors while running\|^Output from these\|^Use "--rerun')"
  echo "${closing:-$(tail -n 3 "$log")}"
  return "$status"
}

# run_ctest FILTER LOG: the whole output goes to LOG; shown are progress and what failed
run_ctest() {
  local filter="$1" log="$2" status
  set +e
  ctest --preset "$preset" -j "$(jobs)" ${filter:+-R "$filter"} 2>&1 | tee "$log" | tests_as_progress | show_progress
  status="${PIPESTATUS[0]}"
  set -e
  return "$status"
}

# ctest's lines of passed tests become progress lines; its closing lines are left to the caller.
tests_as_progress() {
  awk '
    /^[0-9]+% tests passed/ { closing = 1 }
    closing || /^ +Start +[0-9]+: / || /^Test project/ || /^$/ { next }
    match($0, /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: /) {
      name = substr($0, RSTART + RLENGTH)
      split($1, part, "/")
      printf "[%d/%d] %s\n", part[1], part[2], name
      if ($0 !~ / Passed +[0-9.]+ sec/) print name
      fflush(); next
    }
    { print; fflush() }'
}
