image="$DATA/backup_by_name/good/rootvg-7.1-wpars/image.bff"
sysb wpar "$image" --private -o a.bff 2> /dev/null
sysb check --for wpar a.bff --json | python3 "$CHECK/pick.py" summary verdict exit
sysb cat a.bff image.data | head -20
test $(($(wc -c < a.bff) % 51200)) = 0 && echo whole clusters
