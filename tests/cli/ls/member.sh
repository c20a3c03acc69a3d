cp "$DATA/backup_by_name/good/acl/image.bff" first
cp "$DATA/backup_by_name/good/devices/image.bff" second
tar -cf both.tar first second
sysb ls both.tar 2> message && exit 1
sed 's/.*choose/choose/' message
sysb ls both.tar --member ./second > chosen
sysb ls second > plain
cmp chosen plain
sysb ls both.tar --member third 2> message && exit 1
echo "exit $?"
sysb ls first --member second 2> message || echo "exit $?"
cat message
