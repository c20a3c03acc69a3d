for p in PkgA.1.0.0.0.bff aixtools.libffi.3.2.1.0.I; do
  sysb check --inventory "$SAMPLES/$p" | sed "s|^/.*/||" || exit 1
  sysb check --inventory --json - <"$SAMPLES/$p" | grep -c "\"verdict\":\"sound\""
done
