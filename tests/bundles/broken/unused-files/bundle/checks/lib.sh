helpers=1
