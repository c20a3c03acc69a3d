# Every archive format can be read back by tools of the system; names and order are the image's.
# Sockets cannot stand in a tar.
image="$DATA/backup_by_name/good/rootvg-7.1/image.bff"
sysb ls "$image" --exclude dev/log --exclude '*rmc_socket' --exclude 'home/beta/*' | sed 's|^\./||; s|^$|.|' > names
for out in a.tar a.tar.gz a.tar.xz a.tar.zst a.gnu.tar; do
  case $out in *gnu*) format='--format gnutar' ;; *) format= ;; esac
  sysb convert "$image" -o $out $format
  tar -tf $out --exclude 'home/beta/*' | sed 's|^\./||; s|/$||; s|^$|.|' > found
  diff names found | head -5
  echo "$out $(wc -l < found)"
done
