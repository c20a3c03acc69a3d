sysb check no-such-file
