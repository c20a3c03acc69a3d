# Where nothing proves on which side of the content a block stands, the members are named, and in a .bff their records
# stand byte for byte.
python3 "$CHECK/deviate.py" "$DATA/backup_by_name/good/savevg/image.bff" deviating.bff after=blind:24
sysb check deviating.bff || echo "exit $?"
(sysb check --json deviating.bff 2>/dev/null || true) | grep '"type":"grammar"'
sysb convert --salvage deviating.bff -o out.bff 2>/dev/null || echo "exit $?"
cmp out.bff deviating.bff && echo "same records"
