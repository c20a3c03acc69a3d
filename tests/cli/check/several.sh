# A line an image, whatever happens to one of them; the worst exit code; images of one system are found and named.
good=$DATA/backup_by_name/good
cp "$good/rootvg-7.1/image.bff" web1
cp "$good/rootvg-7.1-wpars/image.bff" web2
cp "$good/rootvg-4.3.2/image.bff" old
cp "$DATA/backup_by_name/bad/truncated-data/image.bff" cut
echo nothing > text
mkdir folder
code() { "$@" || echo "exit $?"; }
code sysb check web1 cut nowhere text web2
code sysb check --for wpar web1 old web2
code sysb check web1 folder
cat web1 | code sysb check --for wpar - old
for wrong in '- -' '--digests web1 old' '--index x web1 old' '--for wpar --all web1 old' '--volumes web1 -- old' 'web1 '; do
  code sysb check $wrong > /dev/null
done
code sysb check web1 '' > /dev/null
