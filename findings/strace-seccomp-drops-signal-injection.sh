#!/usr/bin/env bash
# strace 6.1 with --seccomp-bpf does not inject signals: the program that should be killed keeps running, without a warning.
#
# Guess: `--seccomp-bpf` makes tracing faster and changes nothing else.
# Seen: with it, `inject=CALL:signal=KILL:when=N` has no effect, while `inject=CALL:error=EIO:when=N` works.
# Why it matters here: tests that kill a command at its N-th write use strace. With this option they pass although nothing
# is killed. Such a test has to check that the kill happened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q strace=6.1-0.1 libunwind8 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" tree; done
libraries=$(find "$PWD/tree" -name 'libunwind*.so.*' -printf '%h\n' | sort -u | paste -sd:)
strace=$PWD/tree/usr/bin/strace
LD_LIBRARY_PATH=$libraries "$strace" --version | head -1
program='import os
f = os.open("file", os.O_CREAT | os.O_RDWR)
try:
    for at in range(5): os.pwrite(f, b"a", at)
    print("alive")
except OSError: print("error")'
declare -A seen
for how in signal=KILL error=EIO; do
    for option in '' --seccomp-bpf; do
        said=$(LD_LIBRARY_PATH=$libraries "$strace" $option -f -qq -o /dev/null -e trace=pwrite64 \
            -e "inject=pwrite64:$how:when=3" python3 -c "$program" 2>/dev/null) || said=${said:-killed}
        seen[$how$option]=$said
        printf '%-14s %-14s -> %s\n' "$how" "${option:-plain}" "$said"
    done
done
[ "${seen[signal=KILL]}" = killed ] && [ "${seen[signal=KILL--seccomp-bpf]}" = alive ]
[ "${seen[error=EIO]}" = error ] && [ "${seen[error=EIO--seccomp-bpf]}" = error ]
