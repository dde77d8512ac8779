# Benchmarks: each prints one JSON document on its standard output.

bench_command() {
  local names=() record=0 argument name result failed=0
  for argument in "$@"; do
    case "$argument" in
      --record) record=1 ;;
      -*) fail_usage "bench: unknown option '$argument'" ;;
      *) names+=("$argument") ;;
    esac
  done
  preset=release
  need build
  configure
  if [ ${#names[@]} -eq 0 ]; then
    for name in bench/*.cpp; do [ -e "$name" ] && names+=("$(basename "$name" .cpp)"); done
    names+=(nexmark)
  fi
  [ ${#names[@]} -gt 0 ] || fail "there are no benchmarks in bench/"
  build_targets "${names[@]/#/bench_}"
  mkdir -p build/release/results
  for name in "${names[@]}"; do
    result="build/release/results/$name.json"
    say "running $name"
    if run_benchmark "$name" "$result"; then
      [ "$record" -eq 0 ] || record_result "$name" "$result"
    else
      failed=1
      say "$name failed"
    fi
  done
  return "$failed"
}

run_benchmark() {
  if [ "$1" = nexmark ]; then
    build/release/bench/nexmark/nexmark --events 5M --rounds 3 --json "$2"  # a table goes to standard output
  else
    "build/release/bench/$1" >"$2" && cat "$2"
  fi
}

record_result() {
  mkdir -p bench/results
  cp "$2" "bench/results/$1.json"
  say "recorded in bench/results/$1.json"
}
