#!/usr/bin/python3
print("third")
