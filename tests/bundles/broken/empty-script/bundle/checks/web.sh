#!/bin/sh
# to be written
