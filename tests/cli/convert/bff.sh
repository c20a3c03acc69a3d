image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
sysb convert "$image" -o copy.bff
sysb check copy.bff --digests > a
sysb check "$image" --digests > b
sed -i 's|^.*bff: ok|ok|' a b
cmp a b && tail -1 a
test $(($(wc -c < copy.bff) % 51200)) = 0 && echo whole clusters
