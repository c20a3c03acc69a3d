#!/bin/sh
# The test suite: structure and release suites first, then, under ASan and UBSan (Clang), fuzz targets of what reads the
# bytes of an image. Ends with what was skipped and one line "N passed, N failed".
#   BUILD_DIR            build folders are this, this-sanitized and this-threads (default build)
#   SYSB_FUZZ_SECONDS    time of each fuzz target (default 5; a campaign takes hours)
#   SYSB_SANITIZED       if set: every fuzz target, every suite that links the library under ASan and UBSan, and all of
#                        what the release suites try a third of (cuts, flipped bits, drawn images), which takes half an
#                        hour more
#   SYSB_CAMPAIGN        if set: that, suites with threads under TSan, golden cases and mounts under ASan, a failure of
#                        every AIX command of deploy.sh, the packages and static programs, and the long form of what
#                        draws images, kills at random or tries every cut and bit under ASan
#   SYSB_SAMPLES_DIR     real archives; what needs them is skipped without
set -eu
top=$(cd "$(dirname "$0")" && pwd -P)
cd "$top"
folder=${BUILD_DIR:-$top/build}
export PYTHONDONTWRITEBYTECODE=1 SYSB_FUZZ_SECONDS="${SYSB_FUZZ_SECONDS:-5}"
. tests/support/packages.sh
# shellcheck disable=SC2086
need_packages $build_packages python3 python3-yaml python3-jsonschema doctest-dev nlohmann-json3-dev \
  clang libclang-rt-14-dev clang-format libarchive-tools cpio genisoimage xorriso bzip2 xz-utils zstd lz4 gzip ncompress mandoc ksh93u+m mksh shellcheck \
  parallel make procps
want_packages chromium chromium-driver clang-tidy faketime yamllint ansible-core
need_meson

status=0
logs=""
newline='
'
skipped=""
begun=$(date +%s)

# part TEXT COMMAND...: says what it does and how long it took.
part() {
  text=$1
  shift
  since=$(date +%s)
  echo "== $text"
  ok=0
  "$@" || ok=$?
  now=$(date +%s)
  echo "== $text: $((now - since)) s, $((now - begun)) s in all"
  return "$ok"
}

# suites DIR MESON-TEST-OPTION...
suites() {
  dir=$1
  shift
  meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || return 1
}

part "set up $folder" meson_setup "$folder" --buildtype=release "$(strictness)" -Dtests=true
part "structure" suites "$folder" --suite structure --logbase structure || status=1
logs="$folder/meson-logs/structure.json"
part "release build" build "$folder"
part "release suites" suites "$folder" --no-suite structure --timeout-multiplier 10 || status=1
logs="$logs
$folder/meson-logs/testlog.json"

if command -v clang++ >/dev/null; then
  export CC=clang CXX=clang++
  sanitized="$folder-sanitized"
  part "set up $sanitized" meson_setup "$sanitized" --buildtype=plain -Doptimization=1 "$(strictness)" -Dtests=true \
    -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  if [ -n "${SYSB_SANITIZED:-}${SYSB_CAMPAIGN:-}" ]; then
    targets="" names=""
    # The command as a whole takes its time there: it has its turn in a campaign.
    [ -n "${SYSB_CAMPAIGN:-}" ] || names="--no-suite cli --no-suite mount"
    names="--no-suite structure --no-suite batch --no-suite deploy --no-suite aix --no-suite installed $names"
  else
    readers="fuzz_backup_by_name fuzz_packed fuzz_binaries fuzz_inventory"
    # shellcheck disable=SC2086
    targets=$(/usr/bin/python3 tests/support/test_programs.py "$sanitized" $readers)
    # shellcheck disable=SC2086
    names=$(/usr/bin/python3 tests/support/test_programs.py --names "$sanitized" $readers)
    skipped="suites and other fuzz targets under ASan and UBSan: neither SYSB_SANITIZED nor SYSB_CAMPAIGN is set$newline"
  fi
  # shellcheck disable=SC2086
  part "build with ASan and UBSan" build "$sanitized" $targets
  # shellcheck disable=SC2086
  part "suites under ASan and UBSan, fuzz targets for $SYSB_FUZZ_SECONDS s each" \
    suites "$sanitized" --timeout-multiplier 40 $names || status=1
  logs="$logs
$sanitized/meson-logs/testlog.json"

  if [ -n "${SYSB_CAMPAIGN:-}" ]; then
    threads="$folder-threads"
    part "set up $threads" meson_setup "$threads" --buildtype=plain -Doptimization=1 -Dtests=true -Db_sanitize=thread \
      -Db_lundef=false
    names="base pipeline output catalog jobs"
    # shellcheck disable=SC2086
    targets=$(/usr/bin/python3 tests/support/test_programs.py "$threads" $names)
    # Where the kernel moves libraries about too far, the runtime of Clang 14 finds no room for its shadow.
    quiet=""
    setarch -R true 2>/dev/null && quiet="setarch -R"
    # shellcheck disable=SC2086
    part "build with TSan" build "$threads" $targets
    # shellcheck disable=SC2086
    part "suites with threads under TSan" suites "$threads" --timeout-multiplier 40 ${quiet:+--wrapper "$quiet"} \
      $(/usr/bin/python3 tests/support/test_programs.py --names "$threads" $names) || status=1
    logs="$logs
$threads/meson-logs/testlog.json"
  else
    skipped="${skipped}the build under TSan, golden cases and mounts under ASan, and the failure of every AIX command of deploy.sh: SYSB_CAMPAIGN is not set"
  fi
else
  skipped="builds under ASan, UBSan and TSan, fuzz targets: no clang++"
fi
IFS=$newline
# shellcheck disable=SC2086
part "all of it" /usr/bin/python3 tests/support/summary.py --skipped "$skipped" $logs || status=1
exit $status
