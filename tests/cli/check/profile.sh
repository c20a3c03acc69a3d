# What a profile knows is counted as a note and not warned of; a line without use is named; errors stay errors.
good=$DATA/backup_by_name/good
cat > site <<'END'
V13:
	pattern = "file systems of image.data without a member: /admin"
	reason = "empty on every system here"
V16:
	pattern = "*"
	reason = "no such thing here"
END
sysb check --for wpar "$good/rootvg-7.1/image.bff" --profile site --json |
  python3 "$CHECK/pick.py" finding id severity group known text | grep -E "V13|WPR"
printf 'V99:\n\tpattern = x\n\treason = y\n' > bad
sysb check --for wpar "$good/rootvg-7.1/image.bff" --profile bad || echo "exit $?"
