# The main example on real data, from nothing to its output.

demo_command() {
  [ $# -eq 0 ] || fail_usage "demo takes no arguments"
  local example=examples/delay_storms input
  input="$example/data/flights-2001-01.csv.zst"
  preset=release
  need build
  configure
  build_targets delay_storms
  mkdir -p out
  say "running $example on $input"
  "build/release/$example/delay_storms" --input "$input" --output out
  show_output out
}

show_output() {
  local file
  for file in "$1"/*.jsonl; do
    echo
    echo "$file ($(wc -l <"$file") lines) begins:"
    head -n 3 "$file"
  done
}
