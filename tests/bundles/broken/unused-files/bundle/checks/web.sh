#!/bin/sh
. ./lib.sh
