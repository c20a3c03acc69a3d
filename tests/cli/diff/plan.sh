# --expect-plan proves a conversion; what was done beside the plan, or not done, shows.
A="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
for kind in shared private; do
  for out in w.tar w.cpio.xz w.bff tree/; do
    sysb wpar "$A" --$kind -n web1 --host-level 7200-05 -o "$out" > /dev/null 2>&1
    sysb diff "$A" "${out%/}" --expect-plan "${out%/}.d/report.json" --json | python3 "$CHECK/pick.py" summary verdict exit expected plan_undone |
      sed "s|^|$kind $out |"
    [ "$kind" = private ] || { rm -rf w.* tree tree.*; }
  done
done
chmod u+w tree/etc tree/etc/passwd
echo "intruder:!:0:0::/:/bin/ksh" >> tree/etc/passwd
touch -d @1700000000 tree/etc/passwd
mkdir -p tree/dev; : > tree/dev/null
sysb diff "$A" tree --expect-plan tree.d/report.json 2> err | grep -v -e '^[AB] ' -e '^ignored' -e '^not compared'
sed 's/^sysb: //' err
echo '{}' > no.json
sysb diff "$A" tree --expect-plan no.json 2>&1 > /dev/null && echo "no report: 0" || echo "no report: $?"
