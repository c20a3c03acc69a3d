# Exit codes: damage is 3, what cannot be read 8, another format 5, a wrong command line 2; a cut proves nothing missing.
cp "$DATA/backup_by_name/good/rootvg-7.1/image.bff" a.img
head -c 60000 a.img > cut.img
sysb diff a.img cut.img --json > out 2> err && echo "cut 0" || echo "cut $?"
python3 "$CHECK/pick.py" change mark < out | sort | uniq -c | awk '{ print $2 }'
python3 "$CHECK/pick.py" summary verdict exit removed added < out
for bad in checksum packed-cut truncated-data; do
  cp "$DATA/backup_by_name/bad/$bad/image.bff" b.img
  sysb diff b.img b.img > out 2> err && echo "$bad 0" || echo "$bad $?"
  tail -2 out | head -1
done
sysb diff a.img nothing 2> err && echo "missing 0" || echo "missing $?"
echo text > t; sysb diff a.img t 2> err && echo "text 0" || echo "text $?"
sysb diff a.img 2> err && echo "one 0" || echo "one $?"
sysb diff a.img a.img --ignore nothing 2> err && echo "word 0" || echo "word $?"
sysb diff a.img a.img --filesets --stat 2> err && echo "both 0" || echo "both $?"
sysb diff - - 2> err < a.img && echo "stdin 0" || echo "stdin $?"
sysb diff a.img a.img 'no*such' > out 2> err && echo "pattern 0" || echo "pattern $?"
sysb diff a.img a.img etc > out && echo "etc 0" || echo "etc $?"
sysb diff a.img a.img --exact > out && echo "exact 0" || echo "exact $?"
tail -1 out
sysb index a.img -o quick.idx --quick 2> /dev/null
sysb diff a.img quick.idx --json > out && echo "quick 0" || echo "quick $?"
python3 "$CHECK/pick.py" summary verdict exit same unknown < out | cut -f1,2
sysb convert a.img -o a.tar > /dev/null 2>&1
head -c 20000 a.tar > cut.tar
sysb diff a.img cut.tar > out 2> err && echo "cut tar 0" || echo "cut tar $?"
tar -cf carrier.tar a.img
sysb diff a.img carrier.tar > out && echo "carrier 0" || echo "carrier $?"
sed -n 2p out
