# A text that can be sent to a public issue, and what it settles.
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
sysb evidence "$good" -o bundle.txt --level 7100-05 --quiet && echo "exit 0" || echo "exit $?"
sysb evidence --read bundle.txt >settled.txt && test -s settled.txt && echo settled
grep -c 7100-05 bundle.txt
echo "== no name, no content, no host"
for word in motd passwd aixhost root libc rootvg hdisk; do
  grep -ciE "(^|[^a-z])$word" bundle.txt >/dev/null && echo "$word is in it"
done
echo "== the same again, and from a pipe"
sysb evidence "$good" -o again.txt --level 7100-05 --quiet
cmp bundle.txt again.txt && echo same
gzip -c "$good" | sysb evidence - -o piped.txt --level 7100-05 --quiet && echo "exit 0" || echo "exit $?"
echo "== what it refuses"
sysb evidence "$good" -o bundle.txt 2>/dev/null && echo "exit 0" || echo "exit $?"
sysb evidence "$good" -o bundle.txt --overwrite --level 7100-05 --quiet && echo "exit 0" || echo "exit $?"
sysb evidence "$good" 2>/dev/null && echo "exit 0" || echo "exit $?"
sysb evidence "$good" -o x.txt --level 'my host' 2>/dev/null && echo "exit 0" || echo "exit $?"
sysb evidence --read bundle.txt -o x.txt 2>/dev/null && echo "exit 0" || echo "exit $?"
printf 'no bundle\n' >no.txt
sysb evidence --read no.txt >/dev/null 2>&1 && echo "exit 0" || echo "exit $?"
echo "== of a cut image"
head -c 9000 "$good" >cut.bff
sysb evidence cut.bff -o cut.txt --quiet 2>/dev/null && echo "exit 0" || echo "exit $?"
test -s cut.txt && echo written
ls
