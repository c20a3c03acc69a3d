good=$DATA/backup_by_name/good
cp "$good/rootvg-7.1/image.bff" web1
cp "$good/rootvg-7.1-wpars/image.bff" web2
printf 'no image' > 'n\xff'
sysb check --for wpar --json web1 'nowhere' "$(printf 'n\377')" web2 > out || echo "exit $?"
python3 "$CHECK/../contract.py" < out
python3 "$CHECK/pick.py" summary image verdict exit host kind source_level first_reason images verdicts < out
python3 "$CHECK/pick.py" finding id severity text < out | grep V34
tail -1 out
