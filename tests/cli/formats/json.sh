sysb formats --json > out
python3 "$CHECK/../contract.py" < out
python3 "$CHECK/pick.py" format role id < out | grep -E '^(image|output)'
