"""Holds that a file does not compile, and that its author would understand why.

The leading comment lines of the file say what is expected:

    // expect: <regular expression found in the first line that says "error:">
    // says: <regular expression found anywhere in the output; any number of these lines>
    // errors: <how many "error:" lines the compiler may print; default 1>

`// expect: success` makes the file a control: it must compile, which shows that the others do not fail for a reason
of their own, such as a missing header.
"""

import argparse
import re
import subprocess
import sys


def fail(source, what, output=""):
    print(f"{source}:1: {what}")
    if output:
        print("--- the compiler said:")
        print(output.rstrip())
    sys.exit(1)


def read_expectations(source):
    expected, said, errors_max = None, [], 1
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("//"):
                break
            if found := re.match(r"//\s*expect:\s*(.+?)\s*$", line):
                expected = found.group(1)
            elif found := re.match(r"//\s*says:\s*(.+?)\s*$", line):
                said.append(found.group(1))
            elif found := re.match(r"//\s*errors:\s*(\d+)\s*$", line):
                errors_max = int(found.group(1))
    if expected is None:
        fail(source, "the first line must be '// expect: <regular expression>' or '// expect: success'")
    return expected, said, errors_max


def compile_source(compiler, flags, source):
    command = [compiler, f"@{flags}", "-fsyntax-only", "-fdiagnostics-color=never", "-fmax-errors=50", source]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.returncode, run.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", required=True, help="response file with the flags of a job")
    parser.add_argument("source")
    arguments = parser.parse_args()

    expected, said, errors_max = read_expectations(arguments.source)
    status, output = compile_source(arguments.compiler, arguments.flags, arguments.source)
    if expected == "success":
        if status != 0:
            fail(arguments.source, "this control must compile, but does not", output)
        return
    if status == 0:
        fail(arguments.source, f"compiles, but must fail with an error like: {expected}")
    errors = [line for line in output.splitlines() if re.search(r"\berror: ", line)]
    if not errors:
        fail(arguments.source, "failed without an error line", output)
    if not re.search(expected, errors[0]):
        fail(arguments.source, f"the first error does not match: {expected}", output)
    for pattern in said:
        if not re.search(pattern, output):
            fail(arguments.source, f"the output does not say: {pattern}", output)
    if len(errors) > errors_max:
        what = f"{len(errors)} errors, at most {errors_max} expected: an author must see the cause at once"
        fail(arguments.source, what, output)
    print(errors[0])


if __name__ == "__main__":
    main()
