cat > my.spec <<'S'
general:
	name = "web7"
	hostname = "web7host"

copy_controls:
	preserve_private = "yes"
S
sysb wpar "$DATA/backup_by_name/good/rootvg-7.1/image.bff" --shared -f my.spec -T preserve_private=no -o a.tar --quiet
cat a.tar.d/wpar.spec
