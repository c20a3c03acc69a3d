# A tree of what is left, and what --keep-partial is without --salvage.
bad=$DATA/backup_by_name/bad
sysb extract --keep-partial "$bad/lost-sync/image.bff" -C out && echo "exit 0" || echo "exit $?"
sysb extract "$bad/lost-sync/image.bff" -C out 2>/dev/null && echo "exit 0" || echo "exit $?"
test -e out || echo "nothing written"
sysb extract --salvage "$bad/lost-sync/image.bff" -C out 2>/dev/null && echo "exit 0" || echo "exit $?"
find out | sort
sysb extract --salvage --keep-partial "$bad/truncated-data/image.bff" './etc/*' -C part 2>/dev/null && echo "exit 0" || echo "exit $?"
find part | sort
# From a pipe: spooled, since the image is read twice.
cat "$bad/lost-sync/image.bff" | sysb extract --salvage - -C piped 2>/dev/null && echo "exit 0" || echo "exit $?"
diff -r out piped && echo same
