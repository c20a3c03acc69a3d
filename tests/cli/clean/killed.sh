# What was left by a killed run goes; what somebody writes, and what is not ours, stays.
mkdir out
echo half >out/.sysb-0123456789abcdef.part
mkdir -p out/.sysb-00000000000000aa.tree/etc && echo x >out/.sysb-00000000000000aa.tree/etc/motd && chmod 0 out/.sysb-00000000000000aa.tree/etc
echo mine >out/.sysb-notes.part; echo mine >out/.sysb-0123456789abcdef.part.old; ln -s /etc/passwd out/.sysb-00000000000000cc.part
echo written >out/.sysb-00000000000000bb.part
exec 9<>out/.sysb-00000000000000bb.part
flock 9
sysb clean --dry-run out
sysb clean out
exec 9>&-
ls -A out | sort
sysb clean out --json | sed 's/"bytes":[0-9]*/"bytes":N/'
sysb clean nowhere || echo "exit $?"
