# SPDX-License-Identifier: Apache-2.0
# Commands and options are read from `sysb --help` and `sysb COMMAND --help`, so that they are always those of the program.

function __sysb_command --description 'the command on the line, of one word or two'
    set -l words (commandline -opc)
    set -e words[1]
    set -l found (string match -v -- '-*' $words)
    if test "$found[1]" = batch; and set -q found[2]
        echo batch
        echo $found[2]
    else if set -q found[1]
        echo $found[1]
    end
end

function __sysb_commands
    sysb --help 2>/dev/null | string replace -rf '^  ([a-z]\S*)\s{2,}(.*)$' '$1\t$2'
end

function __sysb_batch_commands
    sysb batch --help 2>/dev/null | string replace -rf '^  batch (\S+)\s{2,}(.*)$' '$1\t$2'
end

function __sysb_options
    sysb (__sysb_command) --help 2>/dev/null | string replace -rf '^ {2,6}(?:-\w, )?(--[a-z][a-z-]*)(?: \S+)?\s{2,}(.*)$' '$1\t$2'
end

complete -c sysb -n 'test -z "$(__sysb_command)"' -f -a '(__sysb_commands)'
complete -c sysb -n 'test "$(__sysb_command)" = batch' -f -a '(__sysb_batch_commands)'
complete -c sysb -n 'test -n "$(__sysb_command)"; and string match -q -- "-*" (commandline -ct)' -f -a '(__sysb_options)'
