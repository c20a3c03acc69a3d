# A profile made of a run knows what the run found; lines of no use to any image are named once; nothing is replaced.
good=$DATA/backup_by_name/good
cp "$good/rootvg-7.1/image.bff" web1
cp "$good/rootvg-7.1-wpars/image.bff" web2
code() { "$@" || echo "exit $?"; }
sysb check --for wpar --write-profile site web1 | head -1
cat site
sysb check --for wpar --profile site web1 | grep -E 'watch|decide|known'
code sysb check --for wpar --write-profile site web1
sysb check --for wpar --write-profile both web1 web2
grep -c '^V' both
code sysb check --for wpar --profile both web1 web2
printf 'V31:\n\tpattern = *\n\treason = none here\n' >> both
sysb check --for wpar --profile both web1 web2 > /dev/null
sysb check --for wpar --profile site --write-profile rest web1 > /dev/null
grep -c '^V' rest || true
code sysb check --write-profile x web1
code sysb check --for wpar --write-profile none/x web1
code sysb check --for wpar --write-profile lost nowhere
ls
