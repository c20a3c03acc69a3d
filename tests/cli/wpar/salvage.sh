# A damaged log and an unproven library hold no system hostage: what is whole is written, what is not is named.
# A grep that finds nothing is one of the results.
set +e
good=$DATA/backup_by_name/good/rootvg-7.1/image.bff
run() { "$@" >out.txt 2>err.txt && echo "exit 0" || echo "exit $?"; }
alter() { python3 "$CHECK/alter.py" "$good" "$@"; }
alter damaged.bff flip ./usr/bin/ksh unprove ./etc/motd unprove ./usr/bin/write lose ./etc/vscsi.conf
echo "== without"
run sysb wpar damaged.bff --private -n web1 -o plain.tar
tail -n 2 err.txt
ls
echo "== salvage"
run sysb wpar damaged.bff --private -n web1 -o web1.tar --salvage --json
tail -n 1 out.txt | python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["output"], s["exit"], s["verdict"])'
cat web1.tar.d/missing.txt
tar tf web1.tar | grep -E 'ksh|motd|write|vscsi|libc.a|etc/passwd$'
grep -A3 '^Missing' web1.tar.d/report.txt
python3 -c 'import json; m = json.load(open("web1.tar.d/report.json"))["missing"]; print(m["members"], m["first"][0]["path"])'
echo "== the sentence at the end"
run sysb wpar damaged.bff --private -n web1 -o web2.tar --salvage
grep 'members are' err.txt
echo "== in part"
run sysb wpar damaged.bff --private -n web1 -o part.tar --salvage --keep-partial --verify
tar tf part.tar | grep sysb-partial
grep -c 'sysb-partial' part.tar.d/missing.txt
echo "== a tree and an image"
run sysb wpar damaged.bff --private -n web1 -o tree/ --salvage
find tree | grep -cE 'ksh$|/motd$'
test -s tree.d/missing.txt && echo listed
run sysb wpar damaged.bff --private -n web1 -o out.bff --salvage
cut -f 1,5 out.bff.d/missing.txt | grep -v '^#'
echo "== a record of which nothing but the name can be read"
alter header.bff misstate=777 ./etc/motd
run sysb wpar header.bff --private -n web1 -o header.tar --salvage
cat header.tar.d/missing.txt
run sysb wpar header.bff --private -n web1 -o less.tar --salvage --exclude /etc/motd
cat less.tar.d/missing.txt
echo "== what the rules need"
alter unfit.bff unprove ./etc/passwd
run sysb wpar unfit.bff --private -n web1 -o unfit.tar --salvage
tail -n 1 err.txt
alter libc.bff flip ./usr/lib/libc.a
run sysb wpar libc.bff --private -n web1 -o libc.tar --salvage
tail -n 1 err.txt
run sysb wpar libc.bff --private -n web1 -o libc.tar --salvage --force
echo "== a sound image"
run sysb wpar "$good" --private -n web1 -o sound.tar --salvage
cat sound.tar.d/missing.txt
sysb wpar "$good" --private -n web1 -o other.tar --quiet
cmp sound.tar other.tar && echo same
