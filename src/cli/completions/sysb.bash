# SPDX-License-Identifier: Apache-2.0
# Completion of sysb(1) for bash.

_sysb() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  local commands='info ls cat filesets check extract convert wpar index mount umount diff evidence batch formats explain clean'
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "$commands help --help --version" -- "$cur")
    return
  fi
  if [[ $command == batch ]]; then
    if ((COMP_CWORD == 2)); then
      mapfile -t COMPREPLY < <(compgen -W 'plan run run-one status retry clean report script --help' -- "$cur")
      return
    fi
    command="batch ${COMP_WORDS[2]}"
  fi
  if [[ $command == explain && $cur != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(sysb explain 2>/dev/null | sed -n 's/^  \([A-Z][A-Z0-9-]*\) .*/\1/p')" -- "${cur^^}")
    return
  fi
  if [[ $command == help ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands batch" -- "$cur")
    return
  fi
  case $prev in
    --engine) mapfile -t COMPREPLY < <(compgen -W 'slurm parallel make k8s lsf ansible' -- "$cur"); return ;;
    --state) mapfile -t COMPREPLY < <(compgen -W 'failed blocked canceled stale succeeded' -- "$cur"); return ;;
    -d|--batch) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
    -j|--jobs|--shard|--shards|--max-failures|--attempts|--space-reserve|--memory|--wave|--rerun-on|--key|--program|--image) return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W 'tree pax ustar gnutar newc bff mtree json null' -- "$cur"); return ;;
    --compress) mapfile -t COMPREPLY < <(compgen -W 'none gzip xz zstd' -- "$cur"); return ;;
    --progress) mapfile -t COMPREPLY < <(compgen -W 'plain json' -- "$cur"); return ;;
    --view) mapfile -t COMPREPLY < <(compgen -W 'image wpar' -- "$cur"); return ;;
    --links) mapfile -t COMPREPLY < <(compgen -W 'inside raw block' -- "$cur"); return ;;
    --owner) [[ $command == mount ]] && mapfile -t COMPREPLY < <(compgen -W 'image me' -- "$cur") && return ;;
    --on-loss) mapfile -t COMPREPLY < <(compgen -W 'report stop' -- "$cur"); return ;;
    --sort) mapfile -t COMPREPLY < <(compgen -W 'size path' -- "$cur"); return ;;
    --ignore) mapfile -t COMPREPLY < <(compgen -W 'times inode devices logs' -- "$cur"); return ;;
    --for) mapfile -t COMPREPLY < <(compgen -W 'wpar' -- "$cur"); return ;;
    -T) mapfile -t COMPREPLY < <(compgen -W 'preserve_private=yes preserve_private=no preserve_wpars=yes preserve_wpars=no' -- "$cur"); return ;;
    -C|--directory|--media|--report|--tmpdir) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
    -n|--name|--hostname|--host-level|--assume-level|--private-flag|--member|--content|--memory-limit|--ratio-limit|--size-limit|--json-fd|--threads|--level|--exclude|--keep|--vg|--margin|--address|--netmask|--prefixlen|--interface|--cache) return ;;
  esac
  local common='--json --json-fd --progress --quiet --help'
  local image='--volumes --member --tmpdir --memory-limit --ratio-limit --size-limit'
  local by_index='--index --no-index'
  local output='--output --format --compress --level --overwrite --sparse --on-loss'
  local rules='--shared --private --name --hostname --host-level --spec --assume-level --force --keep
    --private-filesets --private-flag --media --host --vg --margin --address --netmask --prefixlen --interface --quiesce --profile'
  local words
  case $command in
    info|cat) words="$image $by_index" ;;
    filesets) words="$image $by_index -l --long --files --owner" ;;
    ls) words="$image $by_index --salvage --long --exclude" ;;
    check) words="$image --all --write-profile --digests --inventory --index --for --threads $rules" ;;
    extract) words="$image $by_index --directory --exclude --salvage --keep-partial --accept-changed --sparse --on-loss --overwrite --threads" ;;
    convert) words="$image $output --exclude --salvage --keep-partial --accept-changed --threads" ;;
    wpar) words="$image $by_index $output $rules --salvage --keep-partial --accept-changed --exclude --dry-run --quick --all --empty-devices --report --verify --threads" ;;
    evidence) words="$image --output --overwrite --level --read" ;;
    diff) words="${image#--volumes } $by_index --filesets --config --content --ignore --exact --sort --stat --expect-plan --no-exit-code --exclude --threads" ;;
    index) words="$image --output --overwrite --quick" ;;
    mount) words="$image $by_index $rules --exclude --view --links --owner --allow-other --exec --cache --spool --foreground --log -o" ;;
    umount) words='--lazy' ;;
    'batch plan') words="--batch ${image#--volumes } $output $rules --salvage --keep-partial --accept-changed --exclude --empty-devices --verify --threads" ;;
    'batch run') words='--batch --jobs --max-failures --attempts --space-reserve --memory --wave --rerun-on --dry-run --threads' ;;
    'batch run-one') words='--batch --index --shard --engine --rerun-on --threads' ;;
    'batch status') words='--batch --wait --all --rerun-on' ;;
    'batch retry') words='--batch --state --key --rerun-on' ;;
    'batch clean') words='--batch --dry-run' ;;
    'batch report') words='--batch --output --format --redact --rerun-on' ;;
    'batch script') words='--batch --engine --jobs --shards --program --image --threads' ;;
    *) words= ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words $common" -- "$cur")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _sysb sysb
