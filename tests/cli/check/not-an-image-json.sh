echo 'this is some text and no image' > text
sysb check text --json
