sysb explain v12
