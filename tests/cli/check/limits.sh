# What unpacking may cost is limited: by ratio and by size (damage), by memory (not supported). Each
# message names the option that raises the limit, and with it the file is read.
image="$DATA/backup_by_name/good/rootvg-7.2/image.bff"
head -c 33554432 /dev/zero > zeros
gzip -c zeros > bomb.gz
zstd -q -c zeros > bomb.zst
(cat "$image"; cat zeros) > padded
gzip -c padded > padded.gz
xz -9 -c padded > padded.xz
zstd -q -c padded > padded.zst
try() {
  code=0
  sysb check "$@" > out 2>&1 || code=$?
  echo "$* $code"
  grep '^sysb.*\(-limit\|not an image\)' out | sed 's,0x[0-9a-f]*,AT,g; s,[0-9]* bytes became,so many bytes became,; s,became [0-9]*\,,became so many\,,' || true
}
try bomb.gz
try bomb.gz --ratio-limit 100
try bomb.zst
try bomb.zst --ratio-limit 0
try bomb.gz --size-limit 2m
try padded.gz
try padded.gz --size-limit 200k
try padded.gz --size-limit 5M
try padded.xz --memory-limit 16M
try padded.xz --memory-limit 65M
try padded.zst --memory-limit 512K
try padded.gz --memory-limit 12X
try padded.gz --size-limit 0
try padded.gz --size-limit 99999999999999T
