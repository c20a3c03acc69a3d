# A pipe must be spooled to be read twice, compressed or not: the message names the option.
gzip -c "$DATA/backup_by_name/good/rootvg-7.2/image.bff" > image.gz
code=0
sysb cat - ./etc/motd --tmpdir none < "$DATA/backup_by_name/good/rootvg-7.2/image.bff" || code=$?
cat image.gz | sysb cat - ./etc/motd --tmpdir none || code=$code,$?
cat image.gz | sysb cat - ./etc/motd --tmpdir . || code=$code,$?
echo "$code"
ls
