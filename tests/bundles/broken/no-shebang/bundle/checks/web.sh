# a check
exit 0
