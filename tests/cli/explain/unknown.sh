sysb explain XYZ-001
